import { monotonicMs } from '../../kernel/clock.ts';
import { CodedError, type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { createFrameParser, type Frame } from '../../shell/frames.ts';
import type { JobEvent, Jobs, RunOptions, RunOutput } from '../../shell/jobs.ts';
import { DEFAULT_CAP_BYTES, type HelperRequest, helperCall } from '../../shell/protocol.ts';
import { scriptWith } from '../../shell/scripts.ts';
import { endOf, type JobState } from '../../shell/state.ts';
import type { ExecOptions, HostTarget, Transport } from '../../shell/transport.ts';
import { probeOf } from './probe.ts';

/** Longest answer to anything but a read or a kill, connecting included. */
const ANSWER_MS = 30_000;
/** A follower hears at least a heartbeat every five seconds; after so long a silence the link counts as lost. */
const SILENCE_MS = 30_000;
const RUN_CAP = 1024 * 1024;
/** Stands where the protocol wants a job id and the verb has none. */
const NO_JOB = 'none';

/** The job client over any transport. */
export function createJobs(transport: Transport): Jobs {
  /** The frames of one answer. Throws CodedError when the host refuses, is out of reach, or answers nonsense. */
  async function* ask(
    target: HostTarget,
    jid: string,
    request: HelperRequest,
    limits: { readonly silenceMs: number; readonly totalMs?: number; readonly exec?: ExecOptions },
  ): AsyncGenerator<Frame, void> {
    const call = helperCall(target.base, jid, request);
    const opened = await transport.exec(target, call.text, limits.exec);
    if (!opened.ok) throw coded(opened.error);
    const stream = opened.value;
    const parser = createFrameParser(call.nonce);
    let late = false;
    const stop = (): void => {
      late = true;
      stream.close();
    };
    const silence = setTimeout(stop, limits.silenceMs);
    const total = limits.totalMs === undefined ? null : setTimeout(stop, limits.totalMs);
    let greeted = false;
    try {
      for await (const chunk of stream.stdout) {
        silence.refresh();
        for (const frame of parser.push(chunk)) {
          if (frame.kind === 'hello') greeted = true;
          else if (frame.kind === 'refused') throw coded(refused(target, frame.code, frame.detail));
          else yield frame;
        }
      }
      if (limits.exec?.signal?.aborted) return;
      if (late) throw lost(target, 'it stopped answering');
      const { code } = await stream.closed;
      if (code === null) throw lost(target, 'the link was lost');
      if (greeted) throw lost(target, `the answer broke off (exit ${code})`);
      if (target.sudo !== undefined && isSudo(stream.diagnostics())) {
        throw coded(sudoRefused(target, target.sudo, stream.diagnostics()));
      }
      const said = [parser.noise(), stream.diagnostics()].filter((text) => text !== '').join(' / ');
      const message = `${target.name} does not run our shell script (exit ${code})${said === '' ? '' : `: ${said}`}`;
      throw new CodedError('protocol_error', message);
    } finally {
      clearTimeout(silence);
      if (total !== null) clearTimeout(total);
      stream.close();
    }
  }

  /** For the verbs whose whole answer is one state. */
  function stateOf(
    target: HostTarget,
    jid: string,
    request: HelperRequest,
    extra: { readonly waitMs?: number; readonly urgent?: boolean } = {},
  ): Promise<Result<{ readonly how: string; readonly state: JobState }, Refusal>> {
    const wait = ANSWER_MS + (extra.waitMs ?? 0);
    return answered(async () => {
      const exec = { timeoutMs: ANSWER_MS, urgent: extra.urgent === true };
      for await (const frame of ask(target, jid, request, { silenceMs: wait, totalMs: wait, exec })) {
        if (frame.kind === 'state') return { how: frame.how, state: frame.state };
      }
      throw lost(target, 'no answer');
    });
  }

  async function* follow(
    target: HostTarget,
    jid: string,
    offset: number,
    signal?: AbortSignal,
  ): AsyncGenerator<JobEvent, void> {
    let expected = offset;
    const exec = signal === undefined ? {} : { signal };
    for await (const frame of ask(target, jid, { verb: 'read', offset }, { silenceMs: SILENCE_MS, exec })) {
      if (frame.kind === 'data') {
        if (frame.offset !== expected) {
          throw new CodedError('protocol_error', `${target.name} sent byte ${frame.offset} instead of ${expected}`);
        }
        expected += frame.bytes.length;
        yield frame;
      } else if (frame.kind === 'progress' || frame.kind === 'alive') {
        yield frame;
      } else if (frame.kind === 'state' && frame.how === 'end') {
        const end = endOf(frame.state);
        if (end === null) throw new CodedError('protocol_error', `${target.name} ended a job that goes on`);
        yield { kind: 'end', end };
        return;
      }
    }
  }

  async function run(
    target: HostTarget,
    script: string,
    params: Readonly<Record<string, string>>,
    options: RunOptions = {},
  ): Promise<Result<RunOutput, Refusal>> {
    const totalMs = options.timeoutMs ?? ANSWER_MS;
    const until = monotonicMs() + totalMs;
    return answered(async () => {
      const text = scriptWith(script, params);
      // One byte more than we keep, to know that there was more.
      const request = {
        verb: 'run',
        script: text,
        capBytes: RUN_CAP + 1,
        stdin: options.stdin?.reveal() ?? '',
        seconds: totalMs / 1000,
      } as const;
      const exec = { timeoutMs: totalMs, ...(options.signal ? { signal: options.signal } : {}) };
      const pieces: Uint8Array[] = [];
      for await (const frame of ask(target, NO_JOB, request, { silenceMs: totalMs, totalMs, exec })) {
        if (frame.kind === 'output') pieces.push(frame.bytes);
        if (frame.kind !== 'code') continue;
        const output = Buffer.concat(pieces);
        const truncated = output.length > RUN_CAP;
        return { code: frame.code, output: output.subarray(0, RUN_CAP), truncated };
      }
      throw lost(target, monotonicMs() >= until ? 'the script took too long' : 'given up');
    });
  }

  return {
    async start(target, spec) {
      const made = await answered(async () => scriptWith(spec.body, spec.params));
      if (!made.ok) return made;
      const request: HelperRequest = {
        verb: 'start',
        script: made.value,
        capBytes: spec.capBytes ?? DEFAULT_CAP_BYTES,
        stdin: spec.stdin?.reveal() ?? '',
        ...(spec.lock === undefined ? {} : { lock: spec.lock }),
      };
      const answer = await stateOf(target, spec.jid, request);
      if (!answer.ok) return answer;
      const { how, state } = answer.value;
      return ok({ fresh: how === 'new', dir: `${target.base}/${spec.jid}`, state });
    },
    follow,
    state: async (target, jid) => stateOnly(await stateOf(target, jid, { verb: 'state' })),
    kill: async (target, jid, graceSeconds) =>
      stateOnly(
        await stateOf(
          target,
          jid,
          { verb: 'kill', graceSeconds },
          { waitMs: graceSeconds * 1000 + 20_000, urgent: true },
        ),
      ),
    void: async (target, jid) => stateOnly(await stateOf(target, jid, { verb: 'void' }, { urgent: true })),
    async remove(target, jid) {
      const answer = await stateOf(target, jid, { verb: 'rm' });
      return answer.ok ? ok(undefined) : answer;
    },
    probe: (target) =>
      answered(async () => {
        const facts = new Map<string, string>();
        const exec = { timeoutMs: ANSWER_MS };
        const limits = { silenceMs: ANSWER_MS, totalMs: ANSWER_MS, exec };
        for await (const frame of ask(target, NO_JOB, { verb: 'probe' }, limits)) {
          if (frame.kind === 'fact') facts.set(frame.name, frame.value);
          if (frame.kind === 'code') return probeOf(target, facts);
        }
        throw lost(target, 'no answer');
      }),
    run,
  };
}

/** Turns the coded errors of one attempt into refusals; everything else is a mistake of ours and goes on up. */
async function answered<T>(work: () => Promise<T>): Promise<Result<T, Refusal>> {
  try {
    return ok(await work());
  } catch (error) {
    if (error instanceof CodedError) return err(refusal(error.code, error.message, error.next));
    throw error;
  }
}

function stateOnly(answer: Result<{ readonly state: JobState }, Refusal>): Result<JobState, Refusal> {
  return answer.ok ? ok(answer.value.state) : answer;
}

function coded(refused: Refusal): CodedError {
  return new CodedError(refused.code, refused.message, { next: refused.next });
}

function lost(target: HostTarget, why: string): CodedError {
  return new CodedError('link_lost', `${target.name}: ${why}`);
}

/** sudo's own words, or those of a shell that does not find it. */
function isSudo(said: string): boolean {
  return /^sudo: |\bsudo: (?:[Cc]ommand )?not found/.test(said);
}

/** The least right that will do: this one command, for this one account, as this one user. */
function sudoRefused(target: HostTarget, user: string, said: string): Refusal {
  const line = `${target.user} ALL=(${user}) NOPASSWD: /bin/sh -s`;
  const next = said.includes('not found')
    ? 'Install sudo there, or take `sudo` out of the host’s entry in the estate.'
    : `Let it: put the line \`${line}\` into a file of /etc/sudoers.d there, with \`visudo -f\`.`;
  const message = `on ${target.name}, sudo does not let ${target.user} run \`/bin/sh -s\` as ${user}: ${said}`;
  return refusal('host_auth_failed', message, next);
}

/** What the helper's one-word refusals mean to people. */
function refused(target: HostTarget, code: string, detail: string): Refusal {
  const { name } = target;
  const missing = /^no(flock|setsid|mkfifo)$/.exec(code)?.[1];
  if (missing !== undefined) {
    return refusal(
      'precheck_failed',
      `${name} has no ${missing}`,
      `Install ${missing} there (Debian: util-linux, coreutils).`,
    );
  }
  switch (code) {
    case 'nodir':
      return refusal('precheck_failed', `${target.sudo ?? 'the account'} on ${name} cannot write to ${detail}`);
    case 'write':
      return refusal('precheck_failed', `${name} cannot store the job in ${detail}; its disk may be full`);
    case 'noprintf':
      return refusal('precheck_failed', `the shell of ${name} has no printf of its own, secrets would show in ps`);
    case 'live':
      return refusal('operation_ended', `the job on ${name} is still alive: ${detail}`, 'Cancel it first.');
    default:
      return refusal('protocol_error', `${name} refused: ${code} ${detail}`);
  }
}
