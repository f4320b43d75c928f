import { CodedError } from '../kernel/errors.ts';
import { newUuid } from '../kernel/ids.ts';
import { quote } from './quote.ts';
import { shellText } from './shell-text.ts';

/**
 * The remote job protocol. A request is a text for the stdin of `/bin/sh -s`: the functions of process.sh, probe.sh
 * and job.sh, then one call of `main` with a fixed number of arguments, the last of which is END. What holds, whatever
 * dies and when:
 *  I1 `mkdir` of the job's directory is the lock: a second start finds it and answers `dup`.
 *  I2 A supervisor may run the command only if it could create the file `pid`; `void` creates it first. So "lost
 *     nostart" is proof that the command never ran and never will.
 *  I3 A job is done when `rc` exists, and its output is complete when the stored offset is the size given there.
 *  I4 A supervisor is alive only if boot id, start time of process 1, and its own start time are the recorded ones.
 *  I5 The command has a session of its own; the supervisor stands outside, so ending the command always leaves a code.
 *  I6 The log's writer alone is limited in size: neither the cap nor a full disk stops the command.
 */

/** Everything that can be asked of a host. */
export type HelperRequest =
  | {
      readonly verb: 'start';
      readonly script: string;
      readonly capBytes: number;
      readonly lock?: string;
      readonly stdin: string;
    }
  | { readonly verb: 'state' | 'void' | 'rm' | 'strip' | 'probe' }
  | { readonly verb: 'read'; readonly offset: number }
  | { readonly verb: 'kill'; readonly graceSeconds: number };

export interface HelperCall {
  /** What to send; holds the secrets of the request. */
  readonly text: string;
  /** The random word by which our own answer is told from whatever a login prints. */
  readonly nonce: string;
}

/** 2 GiB: what a job may print before its log is cut. */
export const DEFAULT_CAP_BYTES = 2 * 1024 ** 3;

const BLOCK = 512;
const BASE = /^\/[^\p{Cc}]*[^\p{Cc}/]$/u;
const JOB_ID = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,79}$/;
const LOCK = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}$/;

/** The helper's functions, without comments and indentation. */
export const HELPER = shellText('process.sh') + shellText('probe.sh') + shellText('job.sh');
const SUPERVISOR = shellText('supervisor.sh');

/**
 * Builds the text of one request. `base` is the absolute directory of all jobs of the account, `jid` the job's id
 * (probe needs none). Throws CodedError `bad_arguments` for ids and names that must not reach a shell.
 */
export function helperCall(base: string, jid: string, request: HelperRequest, nonce = newUuid()): HelperCall {
  if (!BASE.test(base)) throw new CodedError('bad_arguments', `not an absolute path: ${JSON.stringify(base)}`);
  if (!JOB_ID.test(jid) || jid === 'locks') {
    throw new CodedError('bad_arguments', `bad job id: ${JSON.stringify(jid)}`);
  }
  const words = argumentsOf(request);
  const all = [request.verb, nonce, base, jid, ...words, ...Array<string>(5 - words.length).fill(''), 'END'];
  return { text: `${HELPER}main ${all.map(quote).join(' ')}; exit $?\n`, nonce };
}

function argumentsOf(request: HelperRequest): string[] {
  switch (request.verb) {
    case 'start': {
      const { lock = '', capBytes } = request;
      if (lock !== '' && !LOCK.test(lock)) {
        throw new CodedError('bad_arguments', `bad lock name: ${JSON.stringify(lock)}`);
      }
      return [request.script, whole(Math.max(1, Math.floor(capBytes / BLOCK))), lock, request.stdin, SUPERVISOR];
    }
    case 'read':
      return [whole(request.offset)];
    case 'kill':
      return [whole(Math.ceil(request.graceSeconds))];
    case 'state':
    case 'void':
    case 'rm':
    case 'strip':
    case 'probe':
      return [];
  }
}

/** A number as an argument. Throws CodedError `bad_arguments` for one that is not whole, or negative. */
export function whole(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new CodedError('bad_arguments', `not a whole number: ${value}`);
  return String(value);
}
