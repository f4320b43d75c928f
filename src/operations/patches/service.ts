import type { Estate, Site } from '../../estate/types.ts';
import { namesOf, webHeads } from '../../estate/web-heads.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { HostPort } from '../ports.ts';
import { type Tell, telling } from '../releases/progress.ts';
import { type BasisSources, basisOf } from './basis.ts';
import { compareOnHost } from './compare.ts';
import type { HostComparison } from './finding.ts';
import { type Acknowledgement, findingsOf, judgePatches, type PatchReport } from './verdict.ts';

/** Who acknowledged which set of findings; every one is audited in its own transaction. */
export interface PatchBook {
  /** The last one of a site; null when there is none. */
  last(site: string): Promise<Acknowledgement | null>;
  /** Records one; the time is the database's. */
  record(acknowledged: Omit<Acknowledgement, 'at'>): Promise<Acknowledgement>;
}

export interface PatchContext extends BasisSources {
  readonly hosts: Pick<HostPort, 'run'>;
  readonly estate: () => Promise<Estate>;
  readonly book: PatchBook;
}

/** Local changes of the files that releases ship. */
export interface Patches {
  /** Looks at the hosts of a site; takes as long as reading the files takes. `tell` hears of it on the way. */
  look(site: Site, tell?: Tell): Promise<PatchReport>;
  /**
   * Records that a person knows what differs. `set`: the first digits of the set that they saw.
   * Refusals: precheck_failed when the comparison is not complete, bad_arguments when nothing differs
   * or the set is another one by now; those of having nothing to compare with.
   */
  acknowledge(
    report: PatchReport,
    wish: { readonly set: string; readonly reason: string; readonly by: string },
  ): Promise<Result<Acknowledgement, Refusal>>;
}

export function openPatches(context: PatchContext): Patches {
  const once = underWay<readonly HostComparison[]>();
  return {
    look: (site, tell = () => undefined) => look({ ...context, once }, site, tell),
    acknowledge: (report, wish) => acknowledge(context, report, wish),
  };
}

type Once<T> = (key: string, work: () => Promise<T>) => Promise<T>;

/** Whoever asks for what is under way waits for that: reading the files of a host is work for it, and for this process. */
function underWay<T>(): Once<T> {
  const begun = new Map<string, Promise<T>>();
  return (key, work) => {
    const there = begun.get(key);
    if (there) return there;
    const fresh = work().finally(() => begun.delete(key));
    begun.set(key, fresh);
    return fresh;
  };
}

async function look(
  context: PatchContext & { readonly once: Once<readonly HostComparison[]> },
  site: Site,
  tell: Tell,
): Promise<PatchReport> {
  const [basis, last] = await Promise.all([basisOf(context, site), context.book.last(site.name)]);
  if (!basis.ok) return { site: site.name, release: basis, hosts: [], last };
  const heads = webHeads(await context.estate(), site);
  if (!heads.ok) return { site: site.name, release: heads, hosts: [], last };
  const { release, root, tree } = basis.value;
  const words = () =>
    `${tree.files.length} files of ${release.product} ${release.version} are being compared on ${namesOf(heads.value)}. You are told when it is done.`;
  const key = [site.name, release.sha256, root, namesOf(heads.value)].join('\n');
  const hosts = await telling(tell, words, () =>
    context.once(key, () => Promise.all(heads.value.map((host) => compareOnHost(context.hosts, host, root, tree)))),
  );
  return { site: site.name, release: ok(release), hosts, last };
}

async function acknowledge(
  { book }: PatchContext,
  report: PatchReport,
  { set, reason, by }: { readonly set: string; readonly reason: string; readonly by: string },
): Promise<Result<Acknowledgement, Refusal>> {
  const { site, release } = report;
  if (!release.ok) return release;
  const verdict = judgePatches(report);
  switch (verdict.kind) {
    case 'unknown':
      return err(
        refusal(
          'precheck_failed',
          `What nobody has compared cannot be acknowledged. UNKNOWN: ${verdict.why}.`,
          verdict.next,
        ),
      );
    case 'clean':
      return err(refusal('bad_arguments', `Every file of ${site} is as shipped.`, 'There is nothing to acknowledge.'));
    case 'acknowledged':
    case 'open':
      if (!verdict.digest.startsWith(set))
        return err(
          refusal(
            'bad_arguments',
            `What differs at ${site} is not the set ${set} any more.`,
            `Look at \`patches ${site}\` again.`,
          ),
        );
      return ok(
        await book.record({
          site,
          release: release.value,
          digest: verdict.digest,
          findings: findingsOf(report),
          reason,
          by,
        }),
      );
    default:
      return verdict satisfies never;
  }
}
