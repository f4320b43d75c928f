import type { Estate, Host } from '../../src/estate/types.ts';
import { didYouMean } from '../../src/kernel/did-you-mean.ts';
import { type Refusal, refusal } from '../../src/kernel/errors.ts';
import { err, ok, type Result } from '../../src/kernel/result.ts';

/** The hosts of the cluster of that name, or a refusal that offers the nearest name. */
export function hostsOfCluster(estate: Estate, typed: string): Result<readonly Host[], Refusal> {
  const all = [...estate.hosts.values()];
  const hosts = all.filter((host) => host.cluster === typed);
  if (hosts.length > 0) return ok(hosts);
  const near = didYouMean(typed, [...new Set(all.map((host) => host.cluster))]);
  return err(
    refusal(
      'bad_arguments',
      `There is no cluster "${typed}" with a host.${near ? ` Did you mean \`${near}\`?` : ''}`,
      'See `sites` for the names.',
    ),
  );
}
