import { expect, it } from 'vitest';
import { licenceObjection, licenceObjections } from '../../../src/estate/licence.ts';
import { loadProfiles } from '../../../src/estate/profile-load.ts';
import { estateDocument } from '../../../src/estate/types.ts';
import { siteInput } from '../../support/builders.ts';

const profiles = loadProfiles('/nowhere');
const DOCKER = 'flow-production-tracking-docker';
const APACHE = 'flow-production-tracking-apache';
const site = (name: string, environment: string, profile: string) => ({ name, environment, profile });
const pair = [site('show', 'production', DOCKER), site('show-staging', 'staging', DOCKER)];

it('one production and one staging site are what the licence is for', () => {
  expect(licenceObjection([], site('show', 'production', DOCKER), profiles)).toBeNull();
  expect(licenceObjection(pair.slice(0, 1), site('show-staging', 'staging', DOCKER), profiles)).toBeNull();
});

it.each([
  ['production', DOCKER],
  ['staging', DOCKER],
  ['test', DOCKER],
  ['production', APACHE],
])('a third instance, %s of %s, needs a reason', (environment, profile) => {
  const objection = licenceObjection(pair, site('third', environment, profile), profiles);
  expect(objection?.code).toBe('licence_exceeded');
  expect(objection?.message).toMatch(/third would be (?:production|staging) site 2 of flow-production-tracking/);
  expect(objection?.message).toContain('more cost fees');
  expect(objection?.next).toContain('--reason');
});

it('the same site again is no further one', () => {
  for (const one of pair) expect(licenceObjection(pair, one, profiles)).toBeNull();
});

it('never holds up another profile, also beside these, also one that is not known', () => {
  const many = Array.from({ length: 30 }, (_, n) => site(`s${n}`, 'production', 'compose'));
  for (const profile of ['compose', 'systemd', 'script', 'commcare', 'karl', 'nobody-knows'])
    expect(licenceObjection([...pair, ...many], site('more', 'production', profile), profiles)).toBeNull();
});

it('a document is judged site by site with what it brings itself; what is there already is not asked about again', () => {
  const document = (...names: string[]) =>
    estateDocument.parse({
      clusters: [
        {
          name: 'c',
          hosts: [{ name: 'h', address: '127.0.0.1', user: 'app', key_file: '/k' }],
          sites: names.map((name) => siteInput(name, 'h', { environment: 'staging', profile: DOCKER })),
        },
      ],
    });
  expect(licenceObjections(document(), document('a'), profiles)).toEqual([]);
  expect(licenceObjections(document(), document('a', 'b'), profiles).map((one) => one.message)).toEqual([
    expect.stringContaining('b would be staging site 2'),
  ]);
  expect(licenceObjections(document('a', 'b'), document('a', 'b'), profiles)).toEqual([]);
});
