import { expect, it } from 'vitest';
import { findProfile, loadProfiles } from '../../../../src/estate/profile-load.ts';
import { placeMaintenance } from '../../../../src/operations/profile/maintenance.ts';
import { estate, hostInput, siteFacts, siteInput } from '../../../support/builders.ts';
import { profileHome } from '../../../support/profile-home.ts';

/** Maintenance of acme, whose modes are entered, and probed, on the hosts of these roles. */
function placed(off: string, on: string, probe: string) {
  using its = profileHome({
    'apart.yml': `
name: apart
title: Apart
extends: systemd
maintenance:
  modes:
    - { name: "off", users: work, enter: { run: [[mode, off]], on: ${off} }, shown_by: { exit: 1 } }
    - { name: "on", users: none, enter: { run: [[mode, on]], on: ${on} }, shown_by: { exit: 0 } }
  probe: ${probe === '' ? '{ run: null, note: There is none. }' : `{ run: [[mode]], on: ${probe} }`}
`,
  });
  const found = findProfile(loadProfiles(its.home), 'apart');
  if (!found.ok) throw new Error(found.error.message);
  const hosts = [hostInput('db1'), hostInput('gate', { roles: ['proxy'] })];
  const facts = siteFacts({ profile: found.value, estate: estate(hosts, [siteInput('acme', 'db1')]) });
  const maintenance = placeMaintenance(facts, 'back soon');
  return maintenance.ok ? maintenance.value?.on.enter.hosts.map((host) => host.name).join() : maintenance.error.message;
}

it('is one host’s, so that what ends it can begin it again and what proves it sees it', () => {
  expect(placed('proxy', 'proxy', 'proxy')).toBe('gate');
  expect(placed('proxy', 'proxy', '')).toBe('gate');
  expect(placed('app', 'proxy', '')).toContain('enters the mode on on gate, but enters off on db1.');
  expect(placed('proxy', 'proxy', 'app')).toContain('enters the mode on on gate, but probes it on db1.');
});
