import { importEstate } from '../../src/adapters/postgres/estate-store.ts';
import { openPool } from '../../src/adapters/postgres/pool.ts';
import { estateDocument } from '../../src/estate/types.ts';
import { CodedError } from '../../src/kernel/errors.ts';
import { ok } from '../../src/kernel/result.ts';
import type { NewOperation } from '../../src/operations/book.ts';
import { judgeClaim } from '../../src/operations/gate.ts';
import { whenRoom } from '../../src/operations/host-room.ts';
import { hashPlan } from '../../src/operations/plan.ts';
import type { PolicyNow } from '../../src/operations/ports.ts';
import { type RunContext, runOperation } from '../../src/operations/runner.ts';
import { hostInput, plan, plannedStep, policyFacts } from './builders.ts';
import { ASKED, type Contender, type Contenders } from './contenders.ts';

/** Disruptive work that nobody has to agree to. */
export const FREE: PolicyNow = {
  verdict: { kind: 'run', why: 'Nobody has to agree.' },
  inputs: policyFacts({ risk: 'disruptive' }),
  rules: { risk: 'disruptive' },
  requesterCounts: false,
};

/** Writes hosts into the estate: by name how many disruptive operations may run on each at a time, and where it is. */
export async function hostsThatAllow(
  { postgres }: Contenders,
  hosts: Readonly<Record<string, { atOnce: number; address: string }>>,
): Promise<void> {
  const pool = openPool(postgres.url('twokey'), () => undefined, 1);
  const entries = Object.entries(hosts).map(([name, { atOnce, address }]) =>
    hostInput(name, { address, disruptive_at_once: atOnce }),
  );
  await importEstate(pool, estateDocument.parse({ clusters: [{ name: 'main', hosts: entries }] }), 'twokey');
  await pool.end();
}

/** Its plan comes to the host only to clean up, which a run that goes well never does: no host is needed to run it. */
function work(site: string, host: string, risk: string): Omit<NewOperation, 'requestKey'> {
  const its = plan({ command: 'upgrade', site, lock: site, steps: [], cleanup: [plannedStep({ host })] });
  const { verdict } = FREE;
  if (verdict.kind === 'refuse') throw new Error('it is refused');
  return {
    ...ASKED,
    command: 'upgrade',
    site,
    plan: its,
    planHash: hashPlan(its),
    verdict,
    rules: { risk },
    quorum: 0,
  };
}

/** Asks for work on a host; answers the id of the operation, which is queued. */
export async function queuedOn(its: Contender, site: string, host: string, risk = 'disruptive'): Promise<string> {
  const asked = await its.book.open({ ...work(site, host, risk), requestKey: null });
  if (!asked.ok) throw new Error(asked.error.message);
  return asked.value.id;
}

/** One attempt to claim it, judged as the runner does; true when it started. */
export async function claimed({ runs }: Contender, id: string): Promise<boolean> {
  const operation = await runs.load(id);
  const fresh = { plan: operation.plan, eligible: new Map<string, boolean>(), requester: null };
  const verdict = await runs.claim(id, operation.runNumber, (facts) =>
    whenRoom(
      judgeClaim(facts, fresh, () => FREE, operation.runNumber),
      facts.operation,
      facts.room,
    ),
  );
  return verdict.kind === 'start';
}

/** Brings it from the claim to its end as the engine does; `policy` is asked at each look. Answers how it ended. */
export function ran({ runs }: Contender, id: string, policy: () => PolicyNow = () => FREE): Promise<string> {
  const nowhere = (): never => {
    throw new CodedError('internal', 'nothing is run on a host here');
  };
  const context: RunContext = {
    store: runs,
    hosts: { run: nowhere, start: nowhere, follow: nowhere, kill: nowhere, remove: nowhere, strip: nowhere },
    secrets: { read: nowhere },
    estate: nowhere,
    stopping: new AbortController().signal,
    replan: async (operation) => ok(operation.plan),
    resolvePeople: async () => ({ eligible: new Map(), requester: null }),
    policy: async () => policy,
  };
  return runOperation({ step: (_name, act) => act() }, context, id, 1);
}
