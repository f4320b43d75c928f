import type { IncomingMessage } from 'node:http';
import { CodedError, messageOf, type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';

/** After so long without a byte the server counts as gone. */
export const SILENCE_MS = 30_000;

const RAISE = 'If it is meant to be so large, raise `releases.max_gigabytes` in the configuration.';
const tooLarge = (most: number) => `it is larger than ${most} bytes`;

/** A refusal of a release that could not be fetched. */
export function notFetched(why: string, next: string): Result<never, Refusal> {
  return err(refusal('bad_release', `The release could not be fetched: ${why}.`, next));
}

/**
 * The bytes of an answer, at most `most` of them, and all that were announced. Refusal: bad_release when more are
 * announced; what shows later is thrown as CodedError, with `next` for what to do.
 */
export function bounded(
  answer: IncomingMessage,
  most: number,
  next: string,
): Result<AsyncIterable<Uint8Array>, Refusal> {
  const announced = Number(answer.headers['content-length'] ?? Number.NaN);
  if (announced > most) {
    answer.destroy();
    return notFetched(tooLarge(most), RAISE);
  }
  return ok(counted(answer, announced, most, next));
}

async function* counted(
  answer: IncomingMessage,
  announced: number,
  most: number,
  next: string,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  try {
    for await (const chunk of answer) {
      const bytes: Uint8Array = chunk;
      size += bytes.length;
      if (size > most)
        throw new CodedError('bad_release', `The release could not be fetched: ${tooLarge(most)}.`, { next: RAISE });
      yield bytes;
    }
    if (!Number.isNaN(announced) && announced !== size) throw new Error(`only ${size} of ${announced} bytes came`);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const words = `The release could not be fetched: ${messageOf(error)}.`;
    throw new CodedError('bad_release', words, { cause: error, next });
  } finally {
    answer.destroy();
  }
}
