import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';

const DEFAULTS = {
  botToken: undefined,
  appToken: undefined,
  signingSecret: undefined,
  slackApiUrl: 'https://slack.com/api/',
  databaseUrl: undefined,
  configFile: resolve('twokey.yml'),
  home: resolve('.twokey'),
  demoEstate: undefined,
  httpHost: '127.0.0.1',
  httpPort: 0,
  logLevel: 'info',
};

const NAMES = [
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_API_URL',
  'DATABASE_URL',
  'TWOKEY_CONFIG',
  'TWOKEY_HOME',
  'TWOKEY_DEMO_ESTATE',
  'HTTP_HOST',
  'HTTP_PORT',
  'LOG_LEVEL',
];

describe('the environment', () => {
  it('has defaults for all but the tokens', () => {
    expect(readEnvironment({})).toEqual(DEFAULTS);
  });

  it('counts an empty variable as absent', () => {
    expect(readEnvironment(Object.fromEntries(NAMES.map((name) => [name, ''])))).toEqual(DEFAULTS);
  });

  it('takes what is set', () => {
    const set = readEnvironment({
      SLACK_API_URL: 'http://127.0.0.1:9/api',
      TWOKEY_CONFIG: '/etc/twokey.yml',
      TWOKEY_HOME: '/var/lib/twokey',
      HTTP_HOST: '0.0.0.0',
      HTTP_PORT: '8080',
      LOG_LEVEL: 'debug',
    });
    expect(set).toMatchObject({ configFile: '/etc/twokey.yml', home: '/var/lib/twokey', httpPort: 8080 });
    expect(set).toMatchObject({ httpHost: '0.0.0.0', logLevel: 'debug', slackApiUrl: 'http://127.0.0.1:9/api/' });
  });

  it('keeps secrets secret', () => {
    const url = 'postgres://bot:hunter2@db/twokey';
    const set = readEnvironment({ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', DATABASE_URL: url });
    expect(JSON.stringify(set)).not.toMatch(/xoxb|xapp|hunter2/);
    expect([set.botToken?.reveal(), set.appToken?.reveal(), set.databaseUrl?.reveal()]).toEqual([
      'xoxb-1',
      'xapp-1',
      url,
    ]);
  });

  it('cannot be changed afterwards', () => {
    expect(() => Object.assign(readEnvironment({}), { httpPort: 1 })).toThrow(TypeError);
  });

  it.each([
    ['HTTP_PORT', 'eighty'],
    ['HTTP_PORT', '70000'],
    ['HTTP_PORT', '-1'],
    ['HTTP_PORT', '1.5'],
    ['SLACK_API_URL', 'slack.com'],
    ['LOG_LEVEL', 'loud'],
  ])('refuses %s=%s by its name', (name, value) => {
    expect(() => readEnvironment({ [name]: value })).toThrow(name);
  });
});
