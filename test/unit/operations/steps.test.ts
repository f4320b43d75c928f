import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadCommands } from '../../../commands/index.ts';
import { localStepByName } from '../../../src/operations/local.ts';
import type { Plan } from '../../../src/operations/plan.ts';
import { lastLine, type StepDefinition } from '../../../src/operations/steps/definition.ts';
import { stepByName } from '../../../src/operations/steps/index.ts';
import { scriptWith } from '../../../src/shell/scripts.ts';
import { samplePlan } from '../../support/compose-facts.ts';

const folder = new URL('../../../src/operations/steps/', import.meta.url);
/** Every step a file beside the index defines, whether or not the index lists it. */
const written = await Promise.all(
  readdirSync(folder)
    .filter((file) => file.includes('-') && file !== 'postgres-session.ts')
    .map(async (file) => {
      const module: Record<string, StepDefinition> = await import(new URL(file, folder).href);
      return { file, steps: Object.values(module).filter((one) => typeof one === 'object' && 'body' in one) };
    }),
);
const steps = written.flatMap((one) => one.steps);

async function plans(): Promise<Plan[]> {
  const operations = (await loadCommands()).filter((one) => one.kind === 'operation');
  return operations.flatMap((command) => {
    if (command.on === 'estate') return [];
    const { factsOf, args } = samplePlan(command);
    const plan = command.plan(factsOf(), args);
    if (!plan.ok) throw new Error(`${command.name}: ${plan.error.message}`);
    return plan.value;
  });
}

describe('every step', () => {
  it('lies in a file of its name and is in the list', () => {
    expect(written.length).toBeGreaterThanOrEqual(11);
    for (const { file, steps: defined } of written) {
      expect(defined, file).toHaveLength(1);
      expect(defined[0]?.name.replaceAll('.', '-')).toBe(file.replace(/\.ts$/, ''));
      expect(stepByName(defined[0]?.name ?? '')).toBe(defined[0]);
    }
  });

  it('is a script that a POSIX shell accepts', () => {
    for (const { name, body } of steps) {
      const script = scriptWith(body, { site: 'acme' });
      const { status, stderr } = spawnSync('/bin/sh', ['-n'], { input: script, encoding: 'utf8' });
      expect([status, stderr], name).toEqual([0, '']);
    }
    expect(spawnSync('/bin/sh', ['-n'], { input: 'if true; then echo (\n' }).status).not.toBe(0);
  });

  it('names only parameters that some plan gives it', async () => {
    for (const plan of await plans()) {
      for (const planned of [...plan.steps, ...plan.cleanup]) {
        const used = new Set(
          [...(stepByName(planned.step)?.body.matchAll(/\$\{?P_([a-z_]*[a-z])\b/g) ?? [])].map((one) => one[1]),
        );
        const given = new Set([...Object.keys(planned.params), 'operation', 'started']);
        expect(
          [...used].filter((name) => !given.has(name ?? '')),
          planned.step,
        ).toEqual([]);
        // The words of a profile's commands are numbered, and put together by number.
        const numbered = Object.keys(planned.params).some((name) => name.endsWith('_runs'));
        if (!numbered && planned.host !== '') expect(used.size).toBeGreaterThan(3);
      }
    }
  });

  it('that is planned exists', async () => {
    const all = await plans();
    expect(all.length).toBeGreaterThanOrEqual(1);
    for (const plan of all) {
      expect(plan.steps.length).toBeGreaterThan(0);
      for (const { step } of [...plan.steps, ...plan.cleanup])
        expect(stepByName(step) ?? localStepByName(step), step).toBeDefined();
    }
    expect(stepByName('toString')).toBeUndefined();
  });

  it('has something to say of any exit code', () => {
    for (const { name, explain } of steps) {
      const { message, next } = explain(99, 'some\nlast words\n\n');
      expect(message, name).toContain('99');
      expect(message, name).toContain('last words');
      expect(next, name).toMatch(/\.$/);
    }
  });
});

describe('the cause of a failure', () => {
  const typical: [string, string, RegExp][] = [
    [
      'db.dump',
      'pg_dump: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  password authentication failed for user "b"',
      /refused the password/,
    ],
    [
      'db.dump',
      'psql: error: connection to server at "db" (10.0.0.1), port 5432 failed: fe_sendauth: no password supplied',
      /refused the password/,
    ],
    ['db.dump', 'pg_dump: error: query failed: ERROR:  canceling statement due to lock timeout', /is locked/],
    ['db.dump', 'pg_dump: error: could not write to file: No space left on device', /disk of the host is full/],
    [
      'db.dump',
      'psql: error: connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed: No such file or directory',
      /does not answer/,
    ],
    [
      'db.globals',
      'pg_dumpall: error: could not translate host name "db" to address: Name or service not known',
      /does not answer/,
    ],
    ['db.globals', 'pg_dumpall: error: permission denied for table pg_authid', /roles could not be saved.*pg_authid/],
    ['backup.prepare', 'the site folder /srv/acme is not there', /folder is not on the host/],
    [
      'backup.prepare',
      '/srv/acme/db_backup is a symbolic link; backups are only written into the site’s own folder',
      /symbolic link/,
    ],
    [
      'backup.prepare',
      'pg_dump 13.4, server 15.2\npg_dump 13.4 is older than the server 15.2',
      /older than the database server/,
    ],
    ['backup.prepare', 'not enough space: 10 bytes are free, 20 may be needed', /not enough free space/],
    ['backup.prepare', 'sh: 1: pg_dump: not found\npg_dump is missing', /has no pg_dump/],
    ['db.verify', 'the table public.users is not in the dump', /lacks a table/],
    ['db.verify', '9 tables were counted but only 8 are in the dump', /fewer tables/],
    ['backup.publish', 'mv: cannot move', /could not be put in place.*cannot move/],
  ]; // prettier-ignore

  it.each(typical)('%s: %s', (name, tail, said) => {
    const told = stepByName(name)?.explain(1, `${tail}\n`);
    expect(told?.message).toMatch(said);
    expect(told?.next.length).toBeGreaterThan(10);
  });
});

describe('the last line', () => {
  it.each([
    ['a\nb\n\n', 'b'],
    ['', ''],
    ['10%\r20%\r', '10% 20%'],
    ['x\u0000\u001b[31my\u0000\n', 'x [31my'],
    ['one', 'one'],
  ])('of %j is %j', (tail, line) => {
    expect(lastLine(tail)).toBe(line);
  });
});
