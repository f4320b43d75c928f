import { CodedError, coded, type Refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { createFrameParser, type Frame } from '../../shell/frames.ts';
import type { JobEvent, Jobs } from '../../shell/jobs.ts';
import { DEFAULT_CAP_BYTES, type HelperRequest, helperCall } from '../../shell/protocol.ts';
import { scriptWith } from '../../shell/scripts.ts';
import { endOf, type JobState } from '../../shell/state.ts';
import type { ExecOptions, HostTarget, Transport } from '../../shell/transport.ts';
import { answered, brokenOff, lost, notRemoved, refused } from './failures.ts';
import { probeOf } from './probe.ts';
import { createAsking } from './question-shell.ts';

/** Longest answer to anything but a read or a kill, connecting included. */
const ANSWER_MS = 30_000;
/** A follower hears at least a heartbeat every five seconds; after so long a silence the link counts as lost. */
const SILENCE_MS = 30_000;
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
      throw await brokenOff(target, stream, parser, greeted);
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
      if (!answer.ok) return answer;
      return answer.value.state.kind === 'none' ? ok(undefined) : err(notRemoved(target, jid));
    },
    async strip(target, jid) {
      const answer = await stateOf(target, jid, { verb: 'strip' });
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
    run: createAsking(transport),
  };
}

function stateOnly(answer: Result<{ readonly state: JobState }, Refusal>): Result<JobState, Refusal> {
  return answer.ok ? ok(answer.value.state) : answer;
}
