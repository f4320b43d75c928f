import { type Refusal, refusal } from '../src/kernel/errors.ts';

/** What of an environment's policy the pool of approvers has to suffice for. */
export interface PoolRule {
  readonly environment: string;
  readonly quorum: number;
  readonly requesterCounts: boolean;
}

/** An environment whose quorum nobody's request can reach any more. */
export interface ShortPool {
  readonly environment: string;
  readonly quorum: number;
  /** Everybody who can still approve, sorted. */
  readonly left: readonly string[];
}

/** The people who could approve what `requester` asks for: never the requester, unless their own vote counts. */
export function poolFor(approvers: readonly string[], requester: string, requesterCounts: boolean): readonly string[] {
  const others = [...new Set(approvers)].filter((person) => person !== requester);
  return requesterCounts ? [...others, requester] : others;
}

/** Why these approvers can never reach the quorum for a requester, naming those who could approve; null when they can. */
export function unreachable(
  approvers: readonly string[],
  requester: string,
  quorum: number,
  requesterCounts: boolean,
): Refusal | null {
  const pool = poolFor(approvers, requester, requesterCounts);
  if (pool.length >= quorum) return null;
  const who =
    pool.length === 0 ? 'nobody can approve' : `only ${pool.map((person) => `<@${person}>`).join(', ')} can approve`;
  const own = requesterCounts ? ', yours included' : ' besides yours';
  return refusal('quorum_unreachable', `This needs ${quorum} approvals${own}, but ${who}.`);
}

/**
 * Environments in which no request could be approved, whoever makes it. A pool that suffices for all but the requests of
 * its own members is no mistake.
 */
export function shortPools(rules: readonly PoolRule[], approvers: readonly string[]): readonly ShortPool[] {
  const left = [...new Set(approvers)].sort();
  return rules
    .filter(({ quorum, requesterCounts }) => left.length + (requesterCounts ? 1 : 0) < quorum)
    .map(({ environment, quorum }) => ({ environment, quorum, left }));
}

/** A change that people have to hear of: what is short now, and which environments have enough approvers again. */
export interface PoolNews {
  readonly short: readonly ShortPool[];
  readonly mended: readonly string[];
}

/** What there is to say after a change; null when it was said already, or all is well as before. */
export function poolNews(told: readonly ShortPool[], now: readonly ShortPool[]): PoolNews | null {
  const mended = told.map(({ environment }) => environment).filter((one) => !now.some((it) => it.environment === one));
  const same = ({ environment, quorum, left }: ShortPool) =>
    told.some((it) => it.environment === environment && it.quorum === quorum && it.left.join() === left.join());
  const news = now.filter((one) => !same(one));
  return mended.length > 0 || news.length > 0 ? { short: now, mended } : null;
}
