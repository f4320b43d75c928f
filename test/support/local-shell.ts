import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFrameParser, type Frame } from '../../src/shell/frames.ts';
import { DEFAULT_CAP_BYTES, type HelperRequest, helperCall } from '../../src/shell/protocol.ts';
import type { JobState } from '../../src/shell/state.ts';

/** The remote job protocol spoken to a local shell: the same text, without a network between. */
export interface LocalHelper extends AsyncDisposable {
  readonly base: string;
  readonly environment: Record<string, string>;
  ask(jid: string, request: HelperRequest): Promise<Frame[]>;
  /** For the verbs that answer with a state. */
  stateAfter(jid: string, request: HelperRequest): Promise<JobState>;
  start(jid: string, script: string, more?: { lock?: string; capBytes?: number; stdin?: string }): Promise<JobState>;
  /** Reads from an offset to the end. */
  readAll(jid: string, offset?: number): Promise<{ output: string; end: JobState; progress: string[] }>;
  /** Sends any text to the shell. */
  send(text: string): Promise<Buffer>;
  /** The processes that carry the job's mark. */
  marked(jid: string): Promise<number[]>;
}

/** `shell` is what `sh` means in this helper: an absolute path. */
export async function localHelper(shell = '/bin/sh'): Promise<LocalHelper> {
  const dir = await mkdtemp(join(tmpdir(), 'helper-'));
  const base = join(dir, 'jobs');
  await mkdir(join(dir, 'bin'));
  await symlink(shell, join(dir, 'bin', 'sh'));
  const environment = { PATH: `${join(dir, 'bin')}:/usr/bin:/bin`, HOME: dir, LC_ALL: 'C.UTF-8' };

  function send(text: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const child = spawn('sh', ['-s'], { env: environment, stdio: ['pipe', 'pipe', 'ignore'] });
      const pieces: Buffer[] = [];
      child.on('error', reject);
      child.stdin.on('error', () => undefined);
      child.stdout.on('data', (bytes: Buffer) => pieces.push(bytes));
      child.on('close', () => resolve(Buffer.concat(pieces)));
      child.stdin.end(text);
    });
  }

  async function ask(jid: string, request: HelperRequest): Promise<Frame[]> {
    const call = helperCall(base, jid, request);
    return createFrameParser(call.nonce).push(await send(call.text));
  }

  async function stateAfter(jid: string, request: HelperRequest): Promise<JobState> {
    const frames = await ask(jid, request);
    const frame = frames.find((one) => one.kind === 'state');
    if (frame === undefined) throw new Error(`no state: ${JSON.stringify(frames)}`);
    return frame.state;
  }

  return {
    base,
    environment,
    ask,
    stateAfter,
    send,
    start: (jid, script, more = {}) =>
      stateAfter(jid, { verb: 'start', script, capBytes: DEFAULT_CAP_BYTES, stdin: '', ...more }),
    async readAll(jid, offset = 0) {
      const pieces: Uint8Array[] = [];
      const progress: string[] = [];
      for (const frame of await ask(jid, { verb: 'read', offset })) {
        if (frame.kind === 'data') pieces.push(frame.bytes);
        if (frame.kind === 'progress') progress.push(frame.text);
        if (frame.kind === 'state') return { output: Buffer.concat(pieces).toString(), end: frame.state, progress };
      }
      throw new Error('the read did not end');
    },
    async marked(jid) {
      const found = await send(`grep -lF '${join(base, jid, 'progress')}' /proc/[0-9]*/environ 2>/dev/null; exit\n`);
      return [...found.toString().matchAll(/\d+/g)].map((match) => Number(match[0]));
    },
    async [Symbol.asyncDispose]() {
      await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}
