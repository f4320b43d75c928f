import { type Logger, pino } from 'pino';
import { Secret } from '../../kernel/secret.ts';

export type { Logger };

const SECRET_KEYS = [
  'token',
  'password',
  'secret',
  'authorization',
  'botToken',
  'appToken',
  'signingSecret',
  'connectionString',
  'databaseUrl',
];

/** Structured log on standard error. Keys that may carry secrets are blanked at every depth that occurs here; a Secret blanks itself. */
export function openLogger(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      redact: {
        paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
        censor: new Secret('').toString(),
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
