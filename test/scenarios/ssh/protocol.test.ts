import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HELPER, helperCall } from '../../../src/shell/protocol.ts';
import { localHelper } from '../../support/local-shell.ts';
import { present } from '../../support/processes.ts';

/** The protocol's text in real shells of this machine; link.test.ts sends it through sshd. */

const exited = (code: number, more = {}) => expect.objectContaining({ kind: 'exited', code, ...more });

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
});
