import { CodedError } from '../kernel/errors.ts';
import { count, type JobState, parseState } from './state.ts';

/** What the helper says. */
export type Frame =
  /** Our own answer has begun; what came before was printed by the login. */
  | { readonly kind: 'hello' }
  /** `new` and `dup` answer a start, `end` ends a read, `now` answers all else. */
  | { readonly kind: 'state'; readonly how: 'new' | 'dup' | 'now' | 'end'; readonly state: JobState }
  /** Output of a job from byte `offset` on; also delivered piece by piece, any prefix is valid. */
  | { readonly kind: 'data'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'alive' }
  /** The helper could not do what was asked. */
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }
  | { readonly kind: 'fact'; readonly name: string; readonly value: string }
  /** Output of a short script. */
  | { readonly kind: 'output'; readonly bytes: Uint8Array }
  | { readonly kind: 'code'; readonly code: number }
  /** The end of a short script's answer; its code may come before the last of its output. */
  | { readonly kind: 'done' };

/** Reads the helper's answer from chunks of any size. */
export interface FrameParser {
  /** The frames that this chunk completes. Throws CodedError `protocol_error` when the answer is not ours. */
  push(chunk: Uint8Array): Frame[];
  /** The beginning of what came before our own answer, for messages. */
  noise(): string;
}

const NEWLINE = 10;
const LINE_LIMIT = 8 * 1024;
const NOISE_LIMIT = 64 * 1024;
const NOISE_SHOWN = 300;
const NOTHING = new Uint8Array(0);

/** A parser for the one answer that carries this nonce. */
export function createFrameParser(nonce: string): FrameParser {
  const opening = new TextEncoder().encode(`\nT2K ${nonce}\n`);
  /** Begins a frame in the middle of a script's output. */
  const within = new TextEncoder().encode(`T2K ${nonce} `);
  let mode: 'noise' | 'line' | 'data' | 'output' = 'noise';
  let printing = false;
  let rest: Uint8Array = NOTHING;
  let offset = 0;
  let left = 0;
  let noise = NOTHING;
  let noiseLength = 0;

  /** Takes one frame off `rest`, or null when more bytes are needed. */
  function take(): Frame | 'silent' | null {
    switch (mode) {
      case 'noise':
      case 'output':
        return upToMark();
      case 'data':
        return piece();
      case 'line': {
        const end = rest.indexOf(NEWLINE);
        if (end > LINE_LIMIT || (end < 0 && rest.length > LINE_LIMIT)) throw wrong('a line without an end');
        if (end < 0) return null;
        const line = new TextDecoder().decode(rest.subarray(0, end));
        rest = rest.subarray(end + 1);
        return read(line);
      }
    }
  }

  /** Everything before the mark, but for the tail that may be its beginning. */
  function upToMark(): Frame | 'silent' | null {
    const mark = mode === 'output' ? within : opening;
    const at = Buffer.from(rest.buffer, rest.byteOffset, rest.length).indexOf(mark);
    const free = at >= 0 ? at : Math.max(0, rest.length - mark.length + 1);
    const bytes = rest.subarray(0, free);
    rest = rest.subarray(at >= 0 ? at + mark.length : free);
    if (mode === 'output') {
      if (at >= 0) mode = 'line';
      if (free > 0) return { kind: 'output', bytes };
      return at >= 0 ? 'silent' : null;
    }
    noiseLength += free;
    if (noise.length < NOISE_SHOWN) noise = join(noise, bytes.subarray(0, NOISE_SHOWN));
    if (noiseLength > NOISE_LIMIT) throw wrong('the login printed too much');
    if (at < 0) return null;
    mode = 'line';
    return { kind: 'hello' };
  }

  function piece(): Frame | null {
    if (rest.length === 0) return null;
    const bytes = rest.subarray(0, left);
    const frame: Frame = { kind: 'data', offset, bytes };
    rest = rest.subarray(bytes.length);
    offset += bytes.length;
    left -= bytes.length;
    if (left === 0) mode = 'line';
    return frame;
  }

  function read(line: string): Frame | 'silent' {
    const [kind = '', ...words] = line.split(' ');
    const [first = '', second = ''] = words;
    switch (kind) {
      case 'D': {
        const from = count(first);
        const length = count(second);
        if (from === null || length === null || length === 0) throw wrong(line);
        offset = from;
        left = length;
        mode = 'data';
        return 'silent';
      }
      case 'H':
        return { kind: 'alive' };
      case 'P':
        return { kind: 'progress', text: line.slice(2) };
      case 'S': {
        const state = parseState(words.slice(1));
        if (state === null) throw wrong(line);
        if (first !== 'new' && first !== 'dup' && first !== 'now' && first !== 'end') throw wrong(line);
        return { kind: 'state', how: first, state };
      }
      case 'E':
        return { kind: 'refused', code: first, detail: words.slice(1).join(' ') };
      case 'F':
        return { kind: 'fact', name: first, value: words.slice(1).join(' ') };
      case 'O':
        mode = 'output';
        printing = true;
        return 'silent';
      case 'C': {
        const code = count(first);
        if (code === null) throw wrong(line);
        if (printing) mode = 'output';
        return { kind: 'code', code };
      }
      case 'Z':
        return { kind: 'done' };
      default:
        throw wrong(line);
    }
  }

  return {
    push(chunk) {
      rest = rest.length === 0 ? chunk : join(rest, chunk);
      const frames: Frame[] = [];
      for (let frame = take(); frame !== null; frame = take()) {
        if (frame !== 'silent') frames.push(frame);
      }
      return frames;
    },
    noise: () => printable(mode === 'noise' ? join(noise, rest).subarray(0, NOISE_SHOWN) : noise),
  };
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}

function printable(bytes: Uint8Array): string {
  return new TextDecoder()
    .decode(bytes)
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}

function wrong(what: string): CodedError {
  return new CodedError('protocol_error', `the host's answer makes no sense: ${JSON.stringify(what.slice(0, 120))}`);
}
