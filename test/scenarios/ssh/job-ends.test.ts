import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { localHelper } from '../../support/local-shell.ts';
import { alive, present } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

/** The protocol's text in real shells of this machine; link.test.ts sends it through sshd. */

const exited = (code: number, more = {}) => expect.objectContaining({ kind: 'exited', code, ...more });

describe('the end of a job', () => {
  it('does not wait for ever for a grandchild that keeps the output open', async () => {
    await using helper = await localHelper();
    await helper.start('j', 'sleep 60 & echo $!; exit 4');

    const { output, end } = await helper.readAll('j');

    expect(end).toEqual(exited(4, { size: output.length }));
    process.kill(Number(output), 'SIGKILL');
  });

  it('ends the whole group with the code of the signal, and says that it was asked to', async () => {
    await using helper = await localHelper();
    await helper.start('j', 'sleep 301 & sleep 302 & wait');

    const end = await helper.stateAfter('j', { verb: 'kill', graceSeconds: 5 });

    expect(end).toEqual(exited(143, { cancelled: true }));
    expect(await helper.marked('j')).toEqual([]);
  });

  it('kills what ignores TERM, and what left the group', async () => {
    await using helper = await localHelper();
    await helper.start(
      'j',
      'trap "" TERM; setsid sleep 303 & (trap "" TERM; sleep 304) & echo up; while :; do sleep 1; done',
    );
    await helper.start('j-2', 'sleep 305'); // an id that begins alike
    await using elsewhere = await localHelper();
    await elsewhere.start('j', 'sleep 305'); // the same id under another base
    await until('three processes', async () => (await helper.marked('j')).length >= 4);

    const end = await helper.stateAfter('j', { verb: 'kill', graceSeconds: 1 });

    expect(end).toEqual(exited(137, { cancelled: true }));
    expect(await helper.stateAfter('j-2', { verb: 'state' })).toEqual({ kind: 'running', size: 0 });
    expect(await elsewhere.stateAfter('j', { verb: 'state' })).toEqual({ kind: 'running', size: 0 });
    await helper.stateAfter('j-2', { verb: 'kill', graceSeconds: 1 });
    await elsewhere.stateAfter('j', { verb: 'kill', graceSeconds: 1 });
    expect(await helper.marked('j')).toEqual([]);
  });

  it('does not touch what goes on after the end of a job', async () => {
    await using helper = await localHelper();
    await helper.start('j', 'setsid sleep 306 >/dev/null 2>&1 & echo $!');
    const { output } = await helper.readAll('j');

    expect(await helper.stateAfter('j', { verb: 'kill', graceSeconds: 1 })).toEqual(exited(0, { cancelled: false }));

    expect(await alive(Number(output))).toBe(true);
    process.kill(Number(output), 'SIGKILL');
  });
});

describe('lost jobs', () => {
  /** Kills the supervisor, so that nobody is left to write down the exit code. */
  async function killSupervisor(base: string, jid: string): Promise<void> {
    const pid = Number((await readFile(join(base, jid, 'pid'), 'utf8')).split(' ')[0]);
    await until('the command has started', () => present(join(base, jid, 'pgid')));
    process.kill(pid, 'SIGKILL');
    await until('the supervisor is dead', async () => !(await alive(pid)));
  }

  it('calls a command without a supervisor an orphan, can end it, and then says killed', async () => {
    await using helper = await localHelper();
    await helper.start('j', 'echo before; sleep 307');
    await until('output', async () => (await stat(join(helper.base, 'j', 'out'))).size > 0);
    await killSupervisor(helper.base, 'j');

    expect((await helper.readAll('j')).end).toEqual({ kind: 'lost', why: 'orphan', size: 7 });
    expect(await helper.ask('j', { verb: 'rm' })).toContainEqual(
      expect.objectContaining({ kind: 'refused', code: 'live' }),
    );
    const end = await helper.stateAfter('j', { verb: 'kill', graceSeconds: 1 });
    expect(end).toEqual(expect.objectContaining({ kind: 'lost', why: 'killed' }));
    expect(await helper.marked('j')).toEqual([]);
  });

  it.each([
    ['another boot id', 2, 'reboot'],
    ['another process 1 under the same boot id, as in a restarted container', 3, 'reboot'],
    ['a supervisor number that somebody else has now', 1, 'orphan'],
  ])('recognises %s', async (_name, field, why) => {
    await using helper = await localHelper();
    await helper.start('j', 'sleep 308');
    await until('the command has started', () => present(join(helper.base, 'j', 'pgid')));
    const file = join(helper.base, 'j', 'pid');
    const original = await readFile(file, 'utf8');
    const fields = original.split('\n')[0]?.split(' ') ?? [];
    fields[field] = '4711';
    await writeFile(file, `${fields.join(' ')}\n`);

    expect(await helper.stateAfter('j', { verb: 'state' })).toEqual({ kind: 'lost', why, size: 0 });

    await writeFile(file, original);
    await helper.stateAfter('j', { verb: 'kill', graceSeconds: 1 });
  });

  it('never signals a group whose number was given to somebody else', async () => {
    await using helper = await localHelper();
    await helper.start('j', 'sleep 309');
    await helper.start('bystander', 'sleep 310');
    for (const jid of ['j', 'bystander']) await killSupervisor(helper.base, jid);
    const [pgid] = (await readFile(join(helper.base, 'bystander', 'pgid'), 'utf8')).split(' ');
    const own = await readFile(join(helper.base, 'j', 'pgid'), 'utf8');
    await writeFile(join(helper.base, 'j', 'pgid'), `${pgid} 1\n`);

    expect(await helper.stateAfter('j', { verb: 'state' })).toEqual({ kind: 'lost', why: 'killed', size: 0 });
    await helper.stateAfter('j', { verb: 'kill', graceSeconds: 0 });

    expect(await alive(Number(pgid))).toBe(true);
    await writeFile(join(helper.base, 'j', 'pgid'), own);
    for (const jid of ['j', 'bystander']) await helper.stateAfter(jid, { verb: 'kill', graceSeconds: 0 });
    expect(await helper.marked('j')).toEqual([]);
  });

  it('proves that a voided job never ran and never will, also when its start comes later', async () => {
    await using helper = await localHelper();
    const nostart = { kind: 'lost', why: 'nostart', size: 0 };

    expect(await helper.stateAfter('j', { verb: 'void' })).toEqual(nostart);
    expect(await helper.start('j', 'echo ran >"$TWOKEY_DIR/ran"')).toEqual(nostart);
    expect((await helper.readAll('j')).end).toEqual(nostart);
    expect(await readdir(join(helper.base, 'j'))).toEqual(['pid']);
  });

  it('voids a job that was prepared and never launched, and its late supervisor stays out', async () => {
    await using helper = await localHelper();
    await helper.start('j', 'echo ran');
    await helper.readAll('j');
    const dir = join(helper.base, 'j');
    for (const name of ['pid', 'pgid', 'rc', 'out']) await rm(join(dir, name));
    await writeFile(join(dir, 'in'), 'a secret');
    expect(await helper.stateAfter('j', { verb: 'state' })).toEqual({ kind: 'starting' });

    const end = await helper.stateAfter('j', { verb: 'kill', graceSeconds: 1 });
    expect(end).toEqual({ kind: 'lost', why: 'nostart', size: 0 });
    await helper.send(`sh '${dir}/sup' '${dir}' 100 022 ''\nexit\n`);

    expect(await present(join(dir, 'in'))).toBe(false);
    expect(await present(join(dir, 'out'))).toBe(false);
    expect(await helper.stateAfter('j', { verb: 'state' })).toEqual(end);
  });

  it('does not void a job that runs', async () => {
    await using helper = await localHelper();
    await helper.start('j', 'sleep 0.3; echo done');
    expect(await helper.stateAfter('j', { verb: 'void' })).toEqual({ kind: 'running', size: 0 });
    expect((await helper.readAll('j')).output).toBe('done\n');
  });

  it('says when a crash of the host took the tail of an ended log', async () => {
    await using helper = await localHelper();
    await helper.start('j', 'echo 0123456789');
    await helper.readAll('j');
    await writeFile(join(helper.base, 'j', 'out'), '0123');
    expect((await helper.readAll('j')).end).toEqual(exited(0, { size: 4, truncated: true }));
  });

  it('calls a removed job gone', async () => {
    await using helper = await localHelper();
    await helper.start('j', 'true');
    await helper.readAll('j');
    expect(await helper.stateAfter('j', { verb: 'rm' })).toEqual({ kind: 'none' });
    expect((await helper.readAll('j')).end).toEqual({ kind: 'none' });
  });
});
