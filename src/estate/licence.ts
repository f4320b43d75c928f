import { type Refusal, refusal } from '../kernel/errors.ts';
import type { Profiles } from './profile-load.ts';
import type { EstateDocument, SiteDocument } from './types.ts';

type Sites = Iterable<Pick<SiteDocument, 'name' | 'environment' | 'profile'>>;

const kindOf = (environment: string) => (environment === 'production' ? 'production' : 'staging');

/**
 * Why one site more needs a reason: its product's licence is for fewer. Everything that is not production counts as
 * staging. Null where a profile has no licence, so that nothing else is ever held up.
 */
export function licenceObjection(
  sites: Sites,
  site: Pick<SiteDocument, 'name' | 'environment' | 'profile'>,
  profiles: Profiles,
): Refusal | null {
  const licence = profiles.get(site.profile)?.profile.licence;
  if (licence === undefined) return null;
  const kind = kindOf(site.environment);
  const there = [...sites].filter(
    (one) =>
      one.name !== site.name &&
      kindOf(one.environment) === kind &&
      profiles.get(one.profile)?.profile.licence?.product === licence.product,
  );
  if (there.length < licence[kind]) return null;
  const names = there.map((one) => one.name).join(', ');
  return refusal(
    'licence_exceeded',
    `${site.name} would be ${kind} site ${there.length + 1} of ${licence.product}${names === '' ? '' : `, beside ${names}`}. ${licence.note}`,
  );
}

/** The objections to each site of a document that the estate does not have yet, or has in another role. */
export function licenceObjections(before: EstateDocument, document: EstateDocument, profiles: Profiles): Refusal[] {
  const sites = new Map(before.clusters.flatMap((cluster) => cluster.sites).map((site) => [site.name, site]));
  return document.clusters
    .flatMap((cluster) => cluster.sites)
    .flatMap((site) => {
      const old = sites.get(site.name);
      const same = old?.profile === site.profile && kindOf(old.environment) === kindOf(site.environment);
      const objection = same ? null : licenceObjection(sites.values(), site, profiles);
      sites.set(site.name, site);
      return objection === null ? [] : [objection];
    });
}
