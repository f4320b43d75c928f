import { globSync, readdirSync, readFileSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importsOf, MOST_LINES, type Source, tooLong, violationsOf } from '../support/architecture.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HOMES = ['src', 'commands', 'approvals', 'demo'];

function read(folder: string, kinds: RegExp): Source[] {
  return readdirSync(resolve(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && kinds.test(entry.name))
    .map((entry) => resolve(entry.parentPath, entry.name))
    .map((file) => ({ path: relative(ROOT, file).split(sep).join('/'), text: readFileSync(file, 'utf8') }));
}

const modules = HOMES.flatMap((folder) => read(folder, /\.tsx?$/));

describe('the layout', () => {
  it('reads every module there is', () => {
    const listed = HOMES.flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx}`, { cwd: ROOT }));
    expect(modules.map((source) => source.path).sort()).toEqual(listed.map((path) => path.split(sep).join('/')).sort());
    expect(modules.length).toBeGreaterThanOrEqual(200);
  });

  it('sees every import statement', () => {
    const blind = modules.filter((source) => {
      const begun =
        source.text.match(/^(?:import\b(?!\s*\(|\.)|export\s+(?:type\s+)?(?:\*|\{[^}]*\}\s*from))/gm)?.length ?? 0;
      return importsOf(source.text).filter((one) => !one.computed).length < begun;
    });
    expect(blind.map((source) => source.path)).toEqual([]);
    expect(modules.flatMap((source) => importsOf(source.text)).length).toBeGreaterThan(500);
  });

  it('is kept by every module', () => {
    expect(modules.flatMap(violationsOf)).toEqual([]);
  });

  it('has no file that is too long to be read at once', () => {
    const files = ['src', 'commands', 'approvals', 'test', 'demo'].flatMap((folder) =>
      read(folder, /\.(?:tsx?|css|sql|sh)$/),
    );
    expect(files.length).toBeGreaterThanOrEqual(250);
    expect(files.flatMap(tooLong)).toEqual([]);
  });
});

describe('the checker finds what it is there for', () => {
  const planted: [string, string, string, string][] = [
    ['the kernel looking up', 'src/kernel/a.ts', `import { x } from '../config/load.ts';`, 'nobody looks up'],
    ['config looking up', 'src/config/a.ts', `import type { X } from '../estate/types.ts';`, 'nobody looks up'],
    ['config knowing the shell', 'src/config/a.ts', `import { x } from '../shell/quote.ts';`, 'neighbours'],
    ['estate looking up', 'src/estate/a.ts', `export { x } from '../operations/plan.ts';`, 'nobody looks up'],
    ['approvals knowing operations', 'approvals/a.ts', `import type { Plan } from '../src/operations/plan.ts';`, 'up'],
    ['approvals knowing commands', 'approvals/a.ts', `import { x } from '../commands/index.ts';`, 'nobody looks up'],
    ['monitoring knowing approvals', 'src/monitoring/a.ts', `import '../../approvals/policy.ts';`, 'neighbours'],
    ['operations knowing commands', 'src/operations/a.ts', `import x from '../../commands/a.ts';`, 'nobody looks up'],
    ['commands knowing adapters', 'commands/a.ts', `import { x } from '../src/adapters/ssh/pool.ts';`, 'up'],
    ['an adapter knowing the app', 'src/adapters/ssh/a.ts', `export * from '../../app.ts';`, 'nobody looks up'],
    ['the app knowing main', 'src/app.ts', `import { x } from './main.ts';`, 'nobody looks up'],
    [
      'an adapter knowing another',
      'src/adapters/ssh/a.ts',
      `import type { X } from '../slack/desk.ts';`,
      'one another',
    ],
    ['an adapter running the logger', 'src/adapters/ssh/a.ts', `import { x } from '../log/logger.ts';`, 'one another'],
    ['somebody importing the workspace', 'src/app.ts', `import { x } from './workspace/server.ts';`, 'stand-in'],
    ['a type of the workspace', 'commands/a.ts', `import type { X } from '../src/workspace/model.ts';`, 'stand-in'],
    [
      'the workspace knowing the demo',
      'src/workspace/a.ts',
      `import { x } from '../../demo/start.ts';`,
      'demonstration',
    ],
    ['a multi-line import', 'src/kernel/a.ts', `import {\n  a,\n  b,\n} from '../app.ts';`, 'nobody looks up'],
    ['a dynamic import', 'src/kernel/a.ts', `const x = await import('../app.ts');`, 'nobody looks up'],
    ['a computed import', 'src/kernel/a.ts', 'const x = await import(name);', 'not written out'],
    ['a required module', 'src/estate/a.ts', `const x = require('pg');`, 'pg belongs only'],
    ['a stray file', 'src/helpers.ts', '', 'belongs to no place'],
    ['an import of a stray file', 'src/kernel/a.ts', `import { x } from '../utils.ts';`, 'belongs to no place'],
    ['slack in operations', 'src/operations/a.ts', `import type { X } from '@slack/types';`, '@slack/types belongs'],
    [
      'slack run by the workspace',
      'src/workspace/a.ts',
      `import { A } from '@slack/web-api';`,
      '@slack/web-api belongs',
    ],
    ['ssh2 in the shell', 'src/shell/a.ts', `import { Client } from 'ssh2';`, 'ssh2 belongs only'],
    ['pg in the app', 'src/app.ts', `import pg from 'pg';`, 'pg belongs only'],
    ['dbos in postgres', 'src/adapters/postgres/a.ts', `import { D } from '@dbos-inc/dbos-sdk';`, 'belongs only'],
    ['cron in monitoring', 'src/monitoring/a.ts', `import cron from 'node-cron';`, 'node-cron belongs only'],
    ['pino in the kernel', 'src/kernel/a.ts', `import { pino } from 'pino';`, 'pino belongs only'],
    ['semver in commands', 'commands/a.ts', `import semver from 'semver';`, 'semver belongs only'],
    ['prom-client in the app', 'src/app.ts', `import * as p from 'prom-client';`, 'prom-client belongs only'],
    ['otpauth in approvals', 'approvals/a.ts', `import { TOTP } from 'otpauth';`, 'otpauth belongs only'],
    ['tar in operations', 'src/operations/a.ts', `import { Parser } from 'tar';`, 'tar belongs only'],
    ['the environment in main', 'src/main.ts', 'const x = process.env.HOME;', 'process.env'],
    ['the environment by name', 'src/app.ts', `import { env } from 'node:process';`, 'process.env'],
    ['the clock in approvals', 'approvals/a.ts', 'const t = Date.now();', 'Date.now is only'],
    ['today in commands', 'commands/a.ts', 'const t = new Date();', 'new Date() is only'],
    ['the steady clock in ssh', 'src/adapters/ssh/a.ts', 'const t = performance.now();', 'performance.now is only'],
    ['chance in operations', 'src/operations/a.ts', 'const t = Math.random();', 'Math.random is only'],
    ['an id in an adapter', 'src/adapters/http/a.ts', 'const id = randomUUID();', 'randomness'],
  ]; // prettier-ignore

  it.each(planted)('%s', (_name, path, text, said) => {
    expect(violationsOf({ path, text }).join('\n')).toContain(said);
  });

  it('a file of one line too many', () => {
    expect(tooLong({ path: 'a.ts', text: 'x\n'.repeat(MOST_LINES) })).toEqual([]);
    expect(tooLong({ path: 'a.ts', text: 'x\n'.repeat(MOST_LINES + 1) })).toEqual(['a.ts: 301 lines, at most 300']);
  });

  const allowed: [string, string, string][] = [
    ['looking down', 'src/adapters/ssh/a.ts', `import { x } from '../../kernel/errors.ts';`],
    ['the type of the logger', 'src/adapters/slack/a.ts', `import type { Logger } from '../log/logger.ts';`],
    ['inline types of the logger', 'src/adapters/slack/a.ts', `import { type Logger } from '../log/logger.ts';`],
    ['an instant that is given', 'approvals/a.ts', 'const t = new Date(at);'],
    ['slack types in the workspace', 'src/workspace/a.ts', `import type { X } from '@slack/types';`],
    ['words in a comment', 'approvals/a.ts', '/* Date.now() */\n// import { x } from "../src/app.ts"\n'],
    ['zod anywhere', 'src/kernel/a.ts', `import { z } from 'zod';`],
  ];

  it.each(allowed)('and leaves alone: %s', (_name, path, text) => {
    expect(violationsOf({ path, text })).toEqual([]);
  });
});
