import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askCall, OPENING } from '../../../src/shell/question-calls.ts';
import { localQuestions, SHELLS } from '../../support/local-questions.ts';
import { alive, present, processGroup } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

const question = { script: 'true', capBytes: 1000, stdin: '', seconds: 30 };

describe('what is written to a question shell', () => {
  it('begins with nothing but functions, so that no part of it runs by itself', () => {
    const outside = OPENING.split(/^\w+\(\) [{(]\n[\s\S]*?^[})]\n(?=\w+\(\) [{(]|q_open END\n$)/m).join('');
    expect(outside).toBe('q_open END\n');
  });

  it('asks in one call with six quoted arguments, the last of them END', () => {
    const call = askCall({ ...question, script: "echo 'x'", stdin: '$(id)', seconds: 1.2 }, 'w');
    expect(call).toBe(`q_ask 'w' 'echo '\\''x'\\''' '1000' '$(id)' '2' 'END'\n`);
  });

  it('cannot hold what a shell cannot be given', () => {
    expect(() => askCall({ ...question, script: 'a\0b' }, 'w')).toThrow(/NUL/);
    expect(() => askCall({ ...question, seconds: Number.NaN }, 'w')).toThrow(
      expect.objectContaining({ code: 'bad_arguments' }),
    );
  });
});

describe.each(SHELLS.map((line) => ({ line, shell: line.join(' ') })))('a question shell: $shell', ({ line }) => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'questions-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('tells output and code of each question, and feeds each its own stdin and never the next question', async () => {
    await using shell = localQuestions(line);
    expect(await shell.ask('cat; echo oops >&2; exit 7', { stdin: 'in\n' })).toEqual({ output: 'in\noops\n', code: 7 });
    expect(await shell.ask('cat; readlink /proc/self/fd/0')).toEqual({ output: '/dev/null\n', code: 0 });
    expect(await shell.ask('printf "no newline"; kill -9 $(sh -c "echo \\$PPID")')).toEqual({
      output: 'no newline',
      code: 137,
    });
    expect(await shell.ask('if; then')).toEqual({ output: expect.stringMatching(/yntax|unexpected/), code: 2 });
    expect((await shell.ask('echo "$#-$*"')).output).toBe('0-\n');
  });

  it('tells the code and the output apart, however they meet on the way', async () => {
    await using shell = localQuestions(line);
    for (let n = 0; n < 40; n += 1) {
      const text = `${'x'.repeat(4000 + 137 * n)}\n`;
      expect(await shell.ask(`printf %s '${text}'; exit ${n}`)).toEqual({ output: text, code: n });
    }
  });

  it('lets no question change anything for the next one', async () => {
    await using shell = localQuestions(line);
    const look = `pwd; umask; echo "$a-$P_b-$-"; trap; command -v lsx; ulimit -c; echo "$Q_SCRIPT" | wc -l`;
    const before = await shell.ask(look);
    await shell.ask(
      `cd /; umask 0; a=1; export P_b=2; set -eu; trap 'echo bye' EXIT TERM; exec 7>&1 8</dev/null; lsx() { :; }
       q_ask() { echo no; }; ulimit -c 0; IFS=x; Q_RUN=''; exec >/dev/null`,
    );
    expect(await shell.ask(look)).toEqual(before);
    expect((await shell.ask('ls /proc/self/fd')).output).not.toMatch(/^[4-9]$/m); // 3 is the folder that ls reads
  });

  it('keeps what a question left behind out of the next answer', async () => {
    await using shell = localQuestions(line);
    const file = join(dir, 'left');
    const first = await shell.ask(`(sleep 0.3; echo late; echo $? >'${file}') & echo first`);
    expect([first, await present(file)]).toEqual([{ output: 'first\nlate\n', code: 0 }, true]);
    expect(await shell.ask('sleep 0.2; echo second')).toEqual({ output: 'second\n', code: 0 });
  });

  it('swallows what is past the cap, and tells the code all the same', async () => {
    await using shell = localQuestions(line);
    const { output, code } = await shell.ask('yes | head -n 100000; exit 12', { capBytes: 1001 });
    expect([output.length, code]).toEqual([1001, 12]);
    expect(await shell.ask('echo next')).toEqual({ output: 'next\n', code: 0 });
  });

  it('runs nothing unless the whole call has arrived, wherever it was cut', async () => {
    const file = join(dir, 'ran');
    const text = OPENING + askCall({ ...question, script: `echo ran >'${file}'`, stdin: 'END' }, 'w');
    const end = text.lastIndexOf(`'END'`) + `'END'`.length;
    const words = [...text.matchAll(/'/g)]
      .map(({ index }) => index + 1)
      .filter((at) => at > OPENING.length && at < end);
    const functions = [20, 50, 90, 99.9].map((percent) => Math.floor((OPENING.length * percent) / 100));
    for (const cut of [...functions, OPENING.length, ...words, end - 1]) {
      const shell = localQuestions(line, { opening: text.slice(0, cut) });
      shell.hangUp();
      await shell.ended;
    }
    expect(await present(file)).toBe(false);

    await using whole = localQuestions(line, { opening: text.slice(0, end) }); // only the newline is missing
    whole.send('\n');
    await until('it has run', () => present(file));
  });

  it.each([
    ['with a process group of its own', true],
    ['below somebody else, as sudo may be', false],
  ])('ends a question by itself when its time is over: %s', async (_name, ownGroup) => {
    await using shell = localQuestions(line, { ownGroup });
    const file = join(dir, `slow-${ownGroup}`);
    const call = askCall({ ...question, script: `sleep 333 & echo $! >'${file}'; wait`, seconds: 1 }, 'w');
    await expect(shell.frames(call, 'w', 'done')).rejects.toThrow('it ended');
    const pid = Number(await readFile(file, 'utf8'));
    await until('it has ended', async () => !(await alive(pid)));
  });

  it.each([
    ['with a process group of its own', true],
    ['below somebody else, as sudo may be', false],
  ])('ends a question at once when its own end is near: %s', async (_name, ownGroup) => {
    await using shell = localQuestions(line, { ownGroup });
    const file = join(dir, `cut-${ownGroup}`);
    shell.send(
      askCall(
        { ...question, script: `while :; do sleep 0.01; done & sh -c 'sleep 333 & echo $! >"${file}"; wait'` },
        'w',
      ),
    );
    const pid = await until('it runs', async () => Number(await readFile(file, 'utf8').catch(() => '')));
    const group = ownGroup ? shell.pid : null;
    shell.hangUp();
    await shell.ended;
    await until('it has ended', async () => !(await alive(pid)));
    await until('nothing is left', async () => group === null || (await processGroup(group)).length === 0);
  });

  it('leaves nothing running after an answer, and ends quietly when it is not needed any more', async () => {
    const shell = localQuestions(line);
    const members = (): Promise<number[]> => processGroup(shell.pid);
    const go = join(dir, 'go');
    const asked = shell.ask(`until [ -f '${go}' ]; do sleep 0.05; done`, { seconds: 7654 });
    await until('it is answering', async () => (await members()).length > 4);
    await writeFile(go, '');
    await asked;
    for (let n = 0; n < 100; n += 1) await shell.ask('true', { seconds: 7654 });
    await until('only the shell is left', async () => String(await members()) === String(shell.pid));
    shell.hangUp();
    await shell.ended;
  });

  it('shows a stdin neither in the process list nor in an environment, and asks no shell that would', async () => {
    await using shell = localQuestions(line);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is shell
    const script = 'read -r line; env; until [ -f "$go" ]; do sleep 0.05; done; echo "${#line}"';
    const go = join(dir, 'go');
    const asked = shell.ask(`go='${go}'; ${script}`, { stdin: 'correct-horse\n' });
    const pids = await until('it sleeps', async () => {
      const members = await processGroup(shell.pid);
      return members.length > 5 && members;
    });
    for (const pid of pids) {
      const look = (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => 'gone');
      expect((await Promise.all([look('cmdline'), look('environ')])).join()).not.toContain('correct-horse');
    }
    await writeFile(go, '');
    const { output } = await asked;
    expect(output).toMatch(/\n13\n$/);
    expect(output).not.toContain('correct-horse');

    shell.send('Q_SAFE=no\n'); // as q_open finds out where printf is a program
    const call = askCall({ ...question, stdin: 'correct-horse\n' }, 'w');
    expect(await shell.frames(call, 'w', 'refused')).toContainEqual(expect.objectContaining({ code: 'noprintf' }));
    expect((await shell.ask('echo still')).output).toBe('still\n');
  });
});
