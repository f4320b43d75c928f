import { readKeyLine } from '../../estate/host-key.ts';
import type { Estate, Host } from '../../estate/types.ts';
import { monotonicMs, sleep } from '../../kernel/clock.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { DialPort, HostCheck } from '../../operations/estate/dial.ts';
import type { Jobs } from '../../shell/jobs.ts';
import type { HostTarget } from '../../shell/transport.ts';
import { type OwnKeys, targetOf } from './hosts.ts';
import { createJobs } from './jobs.ts';
import { readHostKey } from './presented-key.ts';
import { createTransport } from './transport.ts';

/** How long one question may take, in milliseconds. */
const ASK_MS = 8_000;
/** After this a look at a host is over, whatever the library below it is waiting for, in milliseconds. */
const LOOK_MS = 12_000;

const LOOK = `printf 'user=%s\\nclock=%s\\n' "$(id -un)" "$(date +%s)"`;

/** Dials hosts over connections of their own, so that what is open and trusted already proves nothing. */
export function createDial(estate: () => Promise<Estate>, own: OwnKeys): DialPort {
  return {
    async presentedKey(host) {
      const target = targetOf(await estate(), { ...host, cluster: '' }, own);
      if (!target.ok) return target;
      const line = await readHostKey(target.value, ASK_MS);
      return line.ok ? ok(readKeyLine(line.value)) : line;
    },
    async check(host) {
      const began = monotonicMs();
      const way = targetOf(await estate(), host, own);
      if (!way.ok) return failed(began, way.error);
      const target = way.value;
      const transport = createTransport({ idleMs: 1_000 });
      const over = new AbortController();
      const late = sleep(LOOK_MS, over.signal).then((): HostCheck => failed(began, silent(target)));
      try {
        return await Promise.race([look(createJobs(transport), target, host, began), late]);
      } finally {
        over.abort();
        await transport.close();
      }
    },
  };
}

function silent({ name, address, port }: HostTarget): Refusal {
  return refusal('host_unreachable', `${name} (${address}:${port}) does not answer within ${LOOK_MS / 1000} s`);
}

async function look(jobs: Jobs, target: HostTarget, host: Host, began: number): Promise<HostCheck> {
  const { sudo: _sudo, ...plain } = target;
  const [login, sudo] = await Promise.all([ask(jobs, plain), host.sudo === undefined ? null : ask(jobs, target)]);
  if (!login.ok) return failed(began, login.error);
  const clock = Number(login.value.get('clock'));
  return {
    tookMs: Math.round(monotonicMs() - began),
    key: 'ok',
    login: login.value.get('user') ?? '',
    sudo: sudo === null || !sudo.ok ? sudo : ok(sudo.value.get('user') ?? ''),
    clock: Number.isSafeInteger(clock) && clock > 0 ? clock : null,
    problem: null,
  };
}

async function ask(jobs: Jobs, target: HostTarget): Promise<Result<ReadonlyMap<string, string>, Refusal>> {
  const answer = await jobs.run(target, LOOK, {}, { timeoutMs: ASK_MS });
  if (!answer.ok) return answer;
  const lines = new TextDecoder().decode(answer.value.output).split('\n');
  const found = new Map(
    lines
      .filter((line) => /^(?:user|clock)=/.test(line))
      .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  if (answer.value.code === 0 && found.has('user')) return ok(found);
  const last = lines.map((line) => line.trim()).findLast((line) => line !== '') ?? '';
  return err(
    refusal('protocol_error', `${target.name} lets ${target.user} in but runs nothing: ${last.slice(0, 200)}`),
  );
}

function failed(began: number, problem: Refusal): HostCheck {
  const tookMs = Math.round(monotonicMs() - began);
  return { tookMs, key: keyAfter(problem), login: null, sudo: null, clock: null, problem };
}

/** What a failed dial says of the host's key: it is looked at before anybody authenticates, and after the way is there. */
export function keyAfter({ code, fault }: Refusal): HostCheck['key'] {
  if (fault !== undefined) return 'unknown';
  if (code === 'host_key_changed') return 'changed';
  return code === 'host_auth_failed' || code === 'protocol_error' ? 'ok' : 'unknown';
}
