import { resolve } from 'node:path';
import { z } from 'zod';
import { Secret } from '../kernel/secret.ts';

const port = z.coerce.number().int().min(0).max(65535);
const secret = z.string().transform((text) => new Secret(text));

const environment = z.object({
  SLACK_BOT_TOKEN: secret.optional(),
  SLACK_APP_TOKEN: secret.optional(),
  SLACK_SIGNING_SECRET: secret.optional(),
  SLACK_API_URL: z.url().default('https://slack.com/api/'),
  DATABASE_URL: secret.optional(),
  TWOKEY_CONFIG: z.string().default('twokey.yml'),
  TWOKEY_HOME: z.string().default('.twokey'),
  TWOKEY_DEMO_ESTATE: z.string().optional(),
  HTTP_HOST: z.string().default('127.0.0.1'),
  HTTP_PORT: port.default(0),
  SSH_AUTH_SOCK: z.string().optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
});

export interface Environment {
  readonly botToken: Secret | undefined;
  readonly appToken: Secret | undefined;
  readonly signingSecret: Secret | undefined;
  readonly slackApiUrl: string;
  readonly databaseUrl: Secret | undefined;
  readonly configFile: string;
  readonly home: string;
  /** A file to import into the estate at start: how the demonstration brings its hosts and sites. */
  readonly demoEstate: string | undefined;
  readonly httpHost: string;
  readonly httpPort: number;
  /** The ssh-agent for hosts with `agent: true`. */
  readonly agentSocket: string | undefined;
  readonly logLevel: string;
}

/** Reads the process environment once. An empty variable counts as absent. Throws with the variable's name when a value is unusable. */
export function readEnvironment(source: NodeJS.ProcessEnv = process.env): Environment {
  const present = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const values = environment.parse(present);
  return Object.freeze({
    botToken: values.SLACK_BOT_TOKEN,
    appToken: values.SLACK_APP_TOKEN,
    signingSecret: values.SLACK_SIGNING_SECRET,
    slackApiUrl: values.SLACK_API_URL.endsWith('/') ? values.SLACK_API_URL : `${values.SLACK_API_URL}/`,
    databaseUrl: values.DATABASE_URL,
    configFile: resolve(values.TWOKEY_CONFIG),
    home: resolve(values.TWOKEY_HOME),
    demoEstate: values.TWOKEY_DEMO_ESTATE,
    httpHost: values.HTTP_HOST,
    httpPort: values.HTTP_PORT,
    agentSocket: values.SSH_AUTH_SOCK,
    logLevel: values.LOG_LEVEL,
  });
}
