import { readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HELPER, helperCall } from '../../../src/shell/protocol.ts';
import { localHelper } from '../../support/local-shell.ts';
import { until } from '../../support/until.ts';

/** The protocol's text in real shells of this machine; test/scenarios/ssh/link.test.ts sends it through sshd. */

const exited = (code: number, more = {}) => expect.objectContaining({ kind: 'exited', code, ...more });

async function present(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function alive(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text !== '' && !/\) [ZX] /.test(text);
}

describe.each(['/bin/dash', '/bin/bash'])('jobs under %s', (shell) => {
  it('runs a job once however often and however simultaneously it is started', async () => {
    await using helper = await localHelper(shell);
    const script = 'echo run >>"$TWOKEY_DIR/runs"; sleep 0.3';

    const answers = await Promise.all(
      Array.from({ length: 12 }, () => helper.ask('j', { verb: 'start', script, capBytes: 4096, stdin: '' })),
    );

    const hows = answers.flat().flatMap((frame) => (frame.kind === 'state' ? [frame.how] : []));
    expect(hows.toSorted()).toEqual([...Array(11).fill('dup'), 'new']);
    expect((await helper.readAll('j')).end).toEqual(exited(0));
    expect(await readFile(join(helper.base, 'j', 'runs'), 'utf8')).toBe('run\n');
  });

  it.each([
    ['an ordinary code', 'exit 3', 3],
    ['255, which OpenSSH keeps for itself', 'exit 255', 255],
    ['an unknown command', 'no-such-command-here', 127],
    ['a syntax error', 'if; then', 2],
    ['death by its own hand', 'kill -9 $$', 137],
    ['success', 'printf x', 0],
  ])('tells the exit code of %s', async (_name, script, code) => {
    await using helper = await localHelper(shell);
    await helper.start('j', script);
    expect((await helper.readAll('j')).end).toEqual(exited(code));
  });

  it('merges stderr, feeds stdin, and tells the job who it is', async () => {
    await using helper = await localHelper(shell);
    await helper.start('j', 'cat; echo oops >&2; echo "$TWOKEY_JOB"; cd "$TWOKEY_DIR" && basename "$PWD"', {
      stdin: 'from outside\n',
    });
    expect((await helper.readAll('j')).output).toBe('from outside\noops\nj\nj\n');
  });

  it('leaves the job the signals, the umask and the locale of its account', async () => {
    await using helper = await localHelper(shell);
    await helper.start('j', 'umask; grep SigIgn /proc/self/status; echo "$LC_ALL"; ls /proc/self/fd | tr "\\n" " "');

    const { output } = await helper.readAll('j');

    const [umask, ignored, locale, files] = output.split('\n');
    expect(umask).toBe(`0${process.umask().toString(8).padStart(3, '0')}`);
    expect(ignored).toMatch(/^SigIgn:\s0+$/);
    expect(locale).toBe('C.UTF-8');
    expect(files).not.toMatch(/\b[4-9]\b/); // neither our lock nor our pipes
  });

  it('sends progress apart from the output', async () => {
    await using helper = await localHelper(shell);
    const script = `for n in 1 2 3; do printf 'step %s\\033[31m\\nmore' $n >"$TWOKEY_PROGRESS"; echo $n; sleep 0.5; done`;
    await helper.start('j', script);

    const { output, progress } = await helper.readAll('j');

    expect(output).toBe('1\n2\n3\n');
    expect(progress).toEqual(['step 1[31m', 'step 2[31m', 'step 3[31m']);
  });

  it('keeps bytes from any offset on', async () => {
    await using helper = await localHelper(shell);
    await helper.start('j', 'printf "\\303\\244\\000\\377end"');
    const all = Buffer.from([0xc3, 0xa4, 0, 0xff, ...Buffer.from('end')]);
    for (let offset = 0; offset <= all.length; offset += 1) {
      const frames = await helper.ask('j', { verb: 'read', offset });
      const pieces = frames.flatMap((frame) => (frame.kind === 'data' ? [frame.bytes] : []));
      expect(Buffer.concat(pieces)).toEqual(all.subarray(offset));
    }
  });

  it('cuts the log exactly at the cap, and lets the job finish', async () => {
    await using helper = await localHelper(shell);
    await helper.start('j', 'yes 0123456789 | head -n 20000; echo done >"$TWOKEY_DIR/reached"; exit 6', {
      capBytes: 32_768,
    });

    const { output, end } = await helper.readAll('j');

    expect(output).toHaveLength(32_768);
    expect(end).toEqual(exited(6, { size: 32_768, truncated: true }));
    expect(await present(join(helper.base, 'j', 'reached'))).toBe(true);
  });

  it('runs nothing unless the whole call has arrived, wherever it was cut', async () => {
    await using helper = await localHelper(shell);
    const script = "echo ran 'x'";
    const request = { verb: 'start', script, capBytes: 4096, stdin: 'END', lock: 'site' } as const;
    const { text } = helperCall(helper.base, 'j', request);
    const end = text.lastIndexOf(`'END'`) + `'END'`.length;
    const words = [...text.matchAll(/'/g)].map((match) => match.index + 1).filter((at) => at > HELPER.length);
    const places = [20, 50, 90, 99.9].map((percent) => Math.floor((HELPER.length * percent) / 100));
    const cuts = [...places, HELPER.length, ...words.filter((at) => at < end).slice(-30), end - 1];

    await Promise.all(cuts.map((cut) => helper.send(text.slice(0, cut))));

    expect(await readdir(helper.base).catch(() => [])).toEqual([]);
    await helper.send(text.slice(0, end)); // all arguments are there: only the newline is missing
    expect((await helper.readAll('j')).output).toBe('ran x\n');
  });
});

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
    await until('three processes', async () => (await helper.marked('j')).length >= 4);

    const end = await helper.stateAfter('j', { verb: 'kill', graceSeconds: 1 });

    expect(end).toEqual(exited(137, { cancelled: true }));
    expect(await helper.stateAfter('j-2', { verb: 'state' })).toEqual({ kind: 'running', size: 0 });
    await helper.stateAfter('j-2', { verb: 'kill', graceSeconds: 1 });
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
    helper.environment['PATH'] = join(helper.base, '..', 'bin');
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

  it('reach a short script on stdin only', async () => {
    await using helper = await localHelper();
    const script = 'read -r line; tr "\\0" "\\n" </proc/$$/cmdline; env; echo "${#line}"';
    const frames = await helper.ask('none', { verb: 'run', script, capBytes: 10_000, stdin: 'correct-horse\n' });
    const output = Buffer.concat(frames.flatMap((frame) => (frame.kind === 'output' ? [frame.bytes] : []))).toString();
    expect(output).not.toContain('correct-horse');
    expect(output).toMatch(/\n13\n$/);
  });
});

describe('a full disk', () => {
  it('cuts the log and keeps the bookkeeping; a new job is refused and leaves nothing', async (context) => {
    await using helper = await localHelper();
    const job = helperCall(helper.base, 'j', {
      verb: 'start',
      script: 'head -c 900000 /dev/zero | tr "\\0" x; exit 9',
      capBytes: 10_000_000,
      stdin: '',
      lock: 'site',
    });
    const second = helperCall(helper.base, 'k', {
      verb: 'start',
      script: 'x'.repeat(20_000),
      capBytes: 512,
      stdin: '',
    });
    const state = helperCall(helper.base, 'j', { verb: 'state' });
    for (const [name, call] of Object.entries({ job, second, state })) {
      await writeFile(join(helper.base, '..', name), call.text);
    }
    // A disk of 200 kB, seen by nobody else, for as long as this shell lives.
    const said = await helper.send(
      `exec unshare -r -m sh -c '
        mkdir -p "$0" && mount -t tmpfs -o size=200k none "$0" || exit 1
        sh -s <"$0/../job"; i=0
        while [ ! -f "$0/j/rc" ] && [ $i -lt 100 ]; do sleep 0.05; i=$((i+1)); done
        sh -s <"$0/../second"; sh -s <"$0/../state"; ls "$0"' '${helper.base}'\n`,
    );
    const text = said.toString();
    if (text === '') return context.skip('this machine allows no mount namespaces');

    const size = /^S now exited 9 (\d+) 1 0$/m.exec(text)?.[1];
    expect(Number(size)).toBeGreaterThan(100_000);
    expect(Number(size)).toBeLessThan(200 * 1024);
    expect(text).toContain(`E write ${helper.base}/k\n`);
    expect(text).toMatch(/\nj\nlocks\n$/);
  });
});

describe('requests that cannot be met', () => {
  it('says which directory it cannot write to', async () => {
    await using helper = await localHelper();
    await writeFile(helper.base, 'a file where the directory should be');
    const frames = await helper.ask('j', { verb: 'start', script: 'true', capBytes: 512, stdin: '' });
    expect(frames).toContainEqual({ kind: 'refused', code: 'nodir', detail: helper.base });
  });

  it('limits what a short script may print, and tells its code all the same', async () => {
    await using helper = await localHelper();
    const script = 'yes | head -n 100000; exit 12';
    const frames = await helper.ask('none', { verb: 'run', script, capBytes: 1001, stdin: '' });
    const output = Buffer.concat(frames.flatMap((frame) => (frame.kind === 'output' ? [frame.bytes] : [])));
    expect(output).toHaveLength(1001);
    expect(frames.at(-1)).toEqual({ kind: 'code', code: 12 });
  });
});
