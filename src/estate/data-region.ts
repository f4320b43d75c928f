import type { Estate, SiteDocument } from './types.ts';

/** Where a site's data lies. */
export interface DataPlace {
  readonly site: string;
  readonly production: boolean;
  /** The cluster of the site's host: what is in one cluster is in one region, named or not. */
  readonly cluster: string;
  /** The site's own region, else that of its cluster; null when nobody has said it. */
  readonly region: string | null;
}

/** Whether data may go from one place to another. `why` is a sentence for whoever has to agree. */
export type Crossing =
  | { readonly kind: 'free' }
  /** `quorum`: never without the quorum; else a confirmation is enough. */
  | { readonly kind: 'approval'; readonly quorum: boolean; readonly why: string };

/** The place of a site's data: its own region goes before that of the cluster in which its host stands. */
export function dataPlace(
  { clusters, hosts }: Pick<Estate, 'clusters' | 'hosts'>,
  { name: site, environment, host, data_region }: Pick<SiteDocument, 'name' | 'environment' | 'host' | 'data_region'>,
): DataPlace {
  const cluster = hosts.get(host)?.cluster ?? '';
  const region = data_region ?? clusters.get(cluster)?.data_region ?? null;
  return { site, production: environment === 'production', cluster, region };
}

/**
 * Whether the data of one site may go where another's lies, by region: yes within one region; with an approval where the
 * regions differ or one of them is not known; never without the quorum when it is production's data. Pure. What copies
 * data between sites (sync) is meant to ask this for each copy; until there is such a thing, it is asked where a site's
 * data changes its place by an edit of the estate, and told when two sites are compared.
 */
export function mayCross(from: DataPlace, to: DataPlace): Crossing {
  if (from.region !== null && from.region === to.region) return { kind: 'free' };
  if (from.region === null && to.region === null && from.cluster === to.cluster) return { kind: 'free' };
  const known = from.region !== null && to.region !== null;
  const what = from.production ? 'Production data' : 'Data';
  const where = `from ${placeInWords(from)} to ${placeInWords(to)}`;
  const why = known
    ? `${what} would go ${where}, another region.`
    : `${what} would go ${where}: nobody has said that this is one region.`;
  return { kind: 'approval', quorum: from.production, why };
}

/** `acme (de)`, `acme (region not said)`. */
export function placeInWords({ site, region }: DataPlace): string {
  return `${site} (${region ?? 'region not said'})`;
}

/**
 * Why an edit of the estate lets data of a site leave its region, or changes what the rule goes by; null when it does
 * neither. To say a region where none was said is no such thing.
 */
export function regionChange(before: Estate, after: Estate): readonly Exclude<Crossing, { kind: 'free' }>[] {
  return [...before.sites.values()].flatMap((site) => {
    const now = after.sites.get(site.name);
    if (!now) return [];
    const from = dataPlace(before, site);
    const to = dataPlace(after, now);
    if (from.region === null && from.cluster === to.cluster) return [];
    // What was production counts as that, whatever the same edit makes of it.
    const crossing = mayCross({ ...from, production: from.production || to.production }, to);
    return crossing.kind === 'free' ? [] : [crossing];
  });
}
