import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandParams, type Params, type Sign, signParams } from '../../../../src/operations/profile/encode.ts';
import { stepByName } from '../../../../src/operations/steps/index.ts';
import { scriptWith } from '../../../../src/shell/scripts.ts';

describe('the steps that run a profile’s commands, in a real shell', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'twokey-steps-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (step: string, params: Params) => {
    const definition = stepByName(step);
    if (!definition) throw new Error(`no step ${step}`);
    const { status, stdout } = spawnSync('/bin/sh', [], {
      input: `exec 2>&1\n${scriptWith(definition.body, params)}`,
      env: { PATH: process.env.PATH, TWOKEY_DIR: folder, TWOKEY_PROGRESS: join(folder, 'progress') },
      encoding: 'utf8',
    });
    return { code: status ?? -1, output: stdout, told: definition.explain(status ?? -1, stdout) };
  };
  const group = (name: string, ...runs: string[][]) => commandParams(name, { runs, folder });
  const apply = (...runs: string[][]) => run('config.apply', group('do', ...runs));

  it('P8 hands on every word exactly, whatever it holds', () => {
    const word = fc.oneof(
      fc.string({ maxLength: 40, unit: 'grapheme' }),
      fc.constantFrom(
        '$(touch pwned)',
        '`touch pwned`',
        "'; touch pwned; '",
        '$P_do_folder',
        '\\',
        '',
        '*',
        '-n',
        '%s',
      ),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        const clean = words.map((one) => one.replaceAll('\0', ''));
        const { code, output } = apply(['printf', '[%s]\\n', ...clean], ['ls', '-A']);
        const shown = clean.length === 0 ? '[]\n' : clean.map((one) => `[${one}]\n`).join('');
        expect(code).toBe(0);
        expect(output).toBe(`${shown}the configuration is applied\n`);
      }),
      { numRuns: 40 },
    );
  });

  it('stops at the first command that fails, with its exit code and its last words', () => {
    const { code, told } = apply(['sh', '-c', 'echo no such unit; exit 7'], ['touch', 'reached']);
    expect(code).toBe(7);
    expect(told.message).toBe('The configuration could not be applied (exit code 7): no such unit');
    expect(apply(['ls', 'reached']).code).not.toBe(0);
    expect(run('config.apply', { ...group('do', ['true']), do_folder: `${folder}/gone` }).told.message).toContain(
      'folder that the command runs in is not on the host',
    );
  });

  it('closes standard input and shows a command none of the step’s own parameters', () => {
    expect(apply(['cat']).code).toBe(0);
    expect(apply(['env']).output).not.toContain('P_do');
  });

  it('leaves the site’s lock to the step, not to a server that it starts', () => {
    const script = scriptWith(stepByName('config.apply')?.body ?? '', group('do', ['ls', '/proc/self/fd']));
    const { stdout } = spawnSync('/bin/sh', [], { input: `exec 9>${folder}/lock\n${script}`, encoding: 'utf8' });
    expect(stdout.split('\n')).not.toContain('9');
  });

  const mode = (name: string, enter: string[], sign: Sign) => ({ ...group(name, enter), ...signParams(name, sign) });
  const flag = () => ({ ...group('probe', ['test', '-e', 'flag']), probe_tries: '1' });
  const off = (): Params => ({
    ...mode('do', ['rm', '-f', 'flag'], { exit: 1 }),
    ...mode('back', ['touch', 'flag'], { exit: 0 }),
    ...flag(),
    checks: '0',
    wait_seconds: '1',
  });

  it('R32 proves the mode by the probe, and fails where the probe does not show it', () => {
    const on = { ...mode('do', ['touch', 'flag'], { exit: 0 }), ...flag() };
    expect(run('maintenance.on', on)).toMatchObject({ code: 0, output: expect.stringContaining('maintenance is ON') });
    expect(run('maintenance.off', off())).toMatchObject({ code: 0 });
    const not = run('maintenance.on', { ...on, do_1_1: 'ls', do_1_2: '.' });
    expect(not.code).toBe(71);
    expect(not.told.message).toBe('The mode was entered, but the probe does not show it.');
    const printed = mode('do', ['true'], { prints: 'on' });
    const probe = (words: string) => ({ ...group('probe', ['echo', words]), probe_tries: '1' });
    expect(run('maintenance.on', { ...printed, ...probe('mode: on') }).code).toBe(0);
    expect(run('maintenance.on', { ...printed, ...probe('mode: off') }).code).toBe(71);
    expect(run('maintenance.on', { ...printed, probe_runs: '0' }).output).toContain('nothing shows the mode');
  });

  it('R32 switches maintenance ON again where visitors get no answer', () => {
    // What switches it on again may take longer than the time in which the site had to answer.
    const back = group('back', ['sleep', '2'], ['touch', 'flag']);
    const web = { checks: '1', check_1_name: 'web', check_1_kind: 'http', check_1_at: 'http://127.0.0.1:9/' };
    const dead = { ...off(), ...back, ...web };
    const { code, told } = run('maintenance.off', dead);
    expect(code).toBe(80);
    expect(told.message).toBe('The site does not answer its visitors, so maintenance was switched ON again.');
    expect(apply(['test', '-e', 'flag']).code).toBe(0);
  });

  it('P5 R32 switches it ON again as well where nobody can ask as a visitor, and says that it is UNKNOWN', () => {
    const odd = { checks: '1', check_1_name: 'web', check_1_kind: 'no such kind', check_1_at: '' };
    const { code, told } = run('maintenance.off', { ...off(), ...odd });
    expect(code).toBe(80);
    expect(told.message).toBe(
      'UNKNOWN: nobody can tell whether the site answers its visitors, so maintenance was switched ON again.',
    );
    expect(apply(['test', '-e', 'flag']).code).toBe(0);
  });

  const check = (name: string, enter: string[], sign: Sign = { exit: 0 }) => ({
    ...group('check_1', enter),
    ...signParams('check_1', sign),
    check_1_name: name,
    check_1_kind: 'command',
    check_1_at: '',
    checks: '1',
    wait_seconds: '1',
  });

  it('waits for health as long as it is told, and tells how it goes', () => {
    writeFileSync(join(folder, 'count'), '');
    const third = ['sh', '-c', 'echo x >>count; [ "$(wc -l <count)" -ge 3 ]'];
    expect(run('health.check', { ...check('app', third), wait_seconds: '20' })).toMatchObject({
      code: 0,
      output: expect.stringMatching(/not healthy yet: app[\s\S]*healthy after \d+ s: 1 of 1/),
    });
    expect(readFileSync(join(folder, 'progress'), 'utf8')).toMatch(/^0 of 1 healthy after \d+ s, waiting for app/);
    const never = run('health.check', check('app', ['sh', '-c', 'echo database is away; exit 1']));
    expect(never).toMatchObject({ code: 1, output: expect.stringContaining('database is away') });
    expect(never.told.message).toBe('The site did not become healthy in time.');
    expect(run('health.check', check('app', ['sleep', '60']))).toMatchObject({ code: 1 });
  });

  it('P5 says UNKNOWN, at once, where a check cannot be carried out', () => {
    const { code, told } = run('health.check', { ...check('app', ['no-such-program']), wait_seconds: '60' });
    expect(code).toBe(2);
    expect(told.message).toContain('UNKNOWN');
  });

  it('asks a port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const at = String(address !== null && typeof address === 'object' ? address.port : 0);
    const port = { checks: '1', wait_seconds: '1', check_1_name: 'web', check_1_kind: 'tcp', check_1_at: at };
    expect(run('health.check', port).code).toBe(0);
    await new Promise((resolve) => server.close(resolve));
    expect(run('health.check', port).code).toBe(1);
  });
});
