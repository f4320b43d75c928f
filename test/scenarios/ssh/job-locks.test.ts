import { readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { localHelper } from '../../support/local-shell.ts';
import { present } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

/** The protocol's text in real shells of this machine; link.test.ts sends it through sshd. */

const exited = (code: number, more = {}) => expect.objectContaining({ kind: 'exited', code, ...more });

describe('the site lock', () => {
  it('turns a second job away with the name of the first, and is free at its end', async () => {
    await using helper = await localHelper();
    await helper.start('first', 'sleep 311', { lock: 'site' });
    await helper.start('other', 'exit 5', { lock: 'another' });
    await helper.start('second', 'echo ran', { lock: 'site' });

    expect((await helper.readAll('second')).end).toEqual({ kind: 'busy', holder: 'first' });
    expect((await helper.readAll('other')).end).toEqual(exited(5));
    expect(await present(join(helper.base, 'second', 'pgid'))).toBe(false);

    await helper.stateAfter('first', { verb: 'kill', graceSeconds: 1 });
    for (let round = 0; round < 5; round += 1) {
      await helper.start(`next${round}`, `exit ${round}`, { lock: 'site' });
      expect((await helper.readAll(`next${round}`)).end).toEqual(exited(round));
    }
  });

  it('is free before the end of its job can be seen', async () => {
    await using helper = await localHelper();
    // The supervisor is held up right after it has published the end.
    const slow = '#!/bin/sh\n/bin/mv "$@"; for last; do :; done; case $last in */rc) sleep 0.5 ;; esac\n';
    await writeFile(join(helper.base, '..', 'bin', 'mv'), slow, { mode: 0o755 });
    await helper.start('first', 'exit 1', { lock: 'site' });
    expect((await helper.readAll('first')).end).toEqual(exited(1));

    await helper.start('second', 'exit 2', { lock: 'site' });

    expect((await helper.readAll('second')).end).toEqual(exited(2));
  });

  it('stays taken by an orphan until that is dead', async () => {
    await using helper = await localHelper();
    await helper.start('first', 'sleep 312', { lock: 'site' });
    await until('the command has started', () => present(join(helper.base, 'first', 'pgid')));
    process.kill(Number((await readFile(join(helper.base, 'first', 'pid'), 'utf8')).split(' ')[0]), 'SIGKILL');
    await until('orphan', async () => (await helper.stateAfter('first', { verb: 'state' })).kind === 'lost');

    await helper.start('second', 'echo ran', { lock: 'site' });
    expect((await helper.readAll('second')).end).toEqual({ kind: 'busy', holder: 'first' });

    await helper.stateAfter('first', { verb: 'kill', graceSeconds: 1 });
    await helper.start('third', 'echo ran', { lock: 'site' });
    expect((await helper.readAll('third')).output).toBe('ran\n');
  });

  it('is not silently left out where flock is missing', async () => {
    await using helper = await localHelper();
    const tools = (
      await helper.send('for t in setsid mkfifo cat mkdir rm sleep tr wc date; do command -v $t; done; exit\n')
    ).toString();
    for (const tool of tools.trim().split('\n'))
      await symlink(tool, join(helper.base, '..', 'bin', tool.split('/').at(-1) ?? ''));
    helper.environment.PATH = join(helper.base, '..', 'bin');
    const start = { verb: 'start', script: 'true', capBytes: 512, stdin: '' } as const;

    expect(await helper.ask('j', { ...start, lock: 'site' })).toContainEqual({
      kind: 'refused',
      code: 'noflock',
      detail: '',
    });
    expect(await helper.stateAfter('j', { verb: 'state' })).toEqual({ kind: 'none' });
  });
});

describe('secrets', () => {
  it('show neither in the process list, nor in an environment, nor in a file once the job has begun', async () => {
    await using helper = await localHelper();
    const secret = 'correct-horse-battery';
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is shell
    await helper.start('j', 'read -r line; echo "${#line}"; sleep 313', { stdin: `${secret}\n` });
    await until('the secret was read', async () => (await stat(join(helper.base, 'j', 'out'))).size > 0);

    const found = await helper.send(
      `cd '${helper.base}/j'; s=correct-; s=$s'horse-battery'; grep -lF "$s" $(find . -type f) /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; exit\n`,
    );

    expect(found.toString()).toBe('');
    expect((await stat(join(helper.base, 'j'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(helper.base, 'j'))).not.toContain('in');
    await helper.stateAfter('j', { verb: 'kill', graceSeconds: 0 });
    expect(await readFile(join(helper.base, 'j', 'out'), 'utf8')).toMatch(/^21\n/);
  });
});
