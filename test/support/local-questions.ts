import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createFrameParser, type Frame } from '../../src/shell/frames.ts';
import { askCall, hereCall, OPENING, type Question } from '../../src/shell/question-calls.ts';

/** Every `sh` of this machine that hosts have too, as a command line. */
export const SHELLS: readonly (readonly [string, ...string[]])[] = [
  ['/bin/dash'],
  ['/bin/bash', '--posix'],
  ['/bin/busybox', 'sh'],
].filter((line): line is [string, ...string[]] => line[0] !== undefined && existsSync(line[0]));

/** A question shell on this machine: the same text, without a network between. */
export interface LocalQuestions extends AsyncDisposable {
  readonly pid: number;
  readonly ended: Promise<void>;
  ask(script: string, more?: Partial<Question>): Promise<{ output: string; code: number | null }>;
  /** The frames of one answer, up to `last`. */
  frames(call: string, word: string, last: Frame['kind']): Promise<Frame[]>;
  here(): Promise<void>;
  send(text: string): void;
  /** What the client's end looks like on a host, whatever the reason: the shell's stdin ends. */
  hangUp(): void;
}

/** `ownGroup` false: somebody else, as sudo may, stands above the shell in its process group. */
export function localQuestions(
  [program, ...args]: readonly [string, ...string[]],
  { ownGroup = true, opening = OPENING } = {},
): LocalQuestions {
  const child = spawn(program, [...args, '-s'], { detached: ownGroup, stdio: ['pipe', 'pipe', 'ignore'] });
  const { stdin, stdout, pid } = child;
  if (pid === undefined) throw new Error(`${program} does not start`);
  stdin.on('error', () => undefined);
  stdin.write(opening);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let words = 0;

  async function frames(call: string, word: string, last: Frame['kind']): Promise<Frame[]> {
    const parser = createFrameParser(word);
    const seen: Frame[] = [];
    const answered = new Promise<void>((resolve, reject) => {
      const hear = (bytes: Buffer): void => {
        seen.push(...parser.push(bytes));
        if (seen.some(({ kind }) => kind === last)) settle(resolve);
      };
      const end = (): void => settle(() => reject(new Error(`it ended after ${JSON.stringify(seen)}`)));
      const settle = (then: () => void): void => {
        stdout.removeListener('data', hear);
        child.removeListener('close', end);
        then();
      };
      stdout.on('data', hear);
      child.once('close', end);
    });
    stdin.write(call);
    await answered;
    return seen;
  }

  const nextWord = (): string => {
    words += 1;
    return `word-${words}`;
  };

  return {
    pid,
    ended,
    frames,
    async ask(script, more = {}) {
      const word = nextWord();
      const call = askCall({ script, capBytes: 100_000, stdin: '', seconds: 30, ...more }, word);
      const seen = await frames(call, word, 'done');
      const output = Buffer.concat(seen.flatMap((frame) => (frame.kind === 'output' ? [frame.bytes] : []))).toString();
      return { output, code: seen.find((frame) => frame.kind === 'code')?.code ?? null };
    },
    async here() {
      const word = nextWord();
      await frames(hereCall(word), word, 'alive');
    },
    send: (text) => void stdin.write(text),
    hangUp: () => void stdin.end(),
    async [Symbol.asyncDispose]() {
      stdin.end();
      await ended;
    },
  };
}
