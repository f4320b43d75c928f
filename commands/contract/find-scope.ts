import type { FreezeScope } from '../../approvals/freezes.ts';
import type { Estate } from '../../src/estate/types.ts';
import { didYouMean } from '../../src/kernel/did-you-mean.ts';
import { type Refusal, refusal } from '../../src/kernel/errors.ts';
import { err, ok, type Result } from '../../src/kernel/result.ts';

const KINDS = ['site', 'cluster', 'environment'] as const;

/**
 * What a freeze is to hold for: `all`, or a name of a site, a cluster or an environment, looked for in that order;
 * `cluster:acme` says which of them is meant.
 */
export function findScope(estate: Estate, typed: string): Result<FreezeScope, Refusal> {
  const word = typed.trim().toLowerCase();
  if (word === 'all') return ok({ kind: 'all', name: '' });
  const sites = [...estate.sites.values()];
  const names: Record<(typeof KINDS)[number], readonly string[]> = {
    site: sites.map((site) => site.name),
    cluster: sites.map((site) => site.cluster),
    environment: sites.map((site) => site.environment),
  };
  for (const kind of KINDS) {
    const name = word.startsWith(`${kind}:`) ? word.slice(kind.length + 1) : word;
    if (names[kind].includes(name)) return ok({ kind, name });
  }
  const near = didYouMean(word, ['all', ...KINDS.flatMap((kind) => names[kind])]);
  return err(
    refusal(
      'bad_arguments',
      `There is no site, cluster or environment "${typed}".${near ? ` Did you mean \`${near}\`?` : ''}`,
      'Name one of them, or `all`.',
    ),
  );
}
