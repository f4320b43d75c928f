import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { coverageOf } from '../../../src/estate/profile-coverage.ts';
import { checkSiteProfiles, findProfile, loadProfiles, validateProfile } from '../../../src/estate/profile-load.ts';
import { profileSchemaText } from '../../../src/estate/profile-schema.ts';
import { estateDocument } from '../../../src/estate/types.ts';
import { hostInput, siteInput } from '../../support/builders.ts';
import { complaints, profileHome } from '../../support/profile-home.ts';

const shipped = loadProfiles('/nowhere');
const get = (name: string) => {
  const found = findProfile(shipped, name);
  if (!found.ok) throw new Error(found.error.message);
  return found.value.profile;
};
const notSet = (name: string) => coverageOf(get(name)).notSet.map((one) => one.place);

describe('the shipped profiles', () => {
  it('are all there and right', () => {
    const files = readdirSync(new URL('../../../src/estate/profiles/', import.meta.url));
    expect([...shipped.keys()].map((name) => `${name}.yml`).sort()).toEqual(files.sort());
    expect([...shipped.keys()]).toEqual([
      'commcare',
      'compose-v1',
      'compose',
      'flow-production-tracking-apache',
      'flow-production-tracking-docker',
      'karl',
      'script',
      'systemd',
    ]);
  });

  it.each([...shipped.keys()])('%s says how each datastore is backed up, or why not', (name) => {
    const { datastores } = coverageOf(get(name));
    expect(datastores.length).toBeGreaterThan(0);
    for (const { backup } of datastores) expect(backup.length).toBeGreaterThan(4);
    expect(datastores.some(({ backup }) => !backup.startsWith('none'))).toBe(true);
  });

  it.each([...shipped.keys()])('%s says why what is not set is not', (name) => {
    for (const { note } of coverageOf(get(name)).notSet) expect(note.length).toBeGreaterThan(20);
  });

  it('leave empty what the vendor does not publish', () => {
    const open = ['commands.migrate', 'maintenance.off', 'maintenance.on', 'maintenance.probe'];
    for (const name of ['flow-production-tracking-docker', 'flow-production-tracking-apache']) {
      expect(notSet(name)).toEqual(expect.arrayContaining(open));
      expect(get(name).upgrade.path).toBeNull();
      expect(get(name).trim).toMatchObject({ table: null, date_column: null });
    }
    expect(notSet('karl')).toContain('post_sync_hooks.mail-block');
    expect(notSet('script')).toEqual([]);
  });

  it('know what is special about each', () => {
    expect(get('karl').maintenance.modes.map((mode) => `${mode.name} ${mode.users}`)).toEqual([
      'normal work',
      'readonly read',
      'maintenance none',
    ]);
    expect(get('flow-production-tracking-docker').compose?.version).toBe('v1');
    expect(get('compose').compose?.version).toBe('v2');
    const services = get('commcare').services.map((one) => one.name);
    for (const name of ['nginx', 'postgresql', 'rabbitmq', 'redis', 'elasticsearch', 'blobdb', 'kafka', 'zookeeper'])
      expect(services).toContain(name);
    expect(get('commcare').maintenance.expires_after).toBe(86_400_000);
    expect(get('karl').single_instance_jobs.map((job) => job.name)).toContain('mailin');
  });

  it('have the schema that is published', () => {
    const published = readFileSync(new URL('../../../docs/profile.schema.json', import.meta.url), 'utf8');
    expect(published, 'run `npm run profile-schema`').toBe(profileSchemaText());
  });
});

describe('a profile of one’s own', () => {
  it('changes key by key what it extends, and replaces lists', () => {
    using its = profileHome({
      'acme.yml': `
name: acme
title: Acme on Compose
extends: compose
commands:
  migrate: { run: [[docker, compose, -p, "{project}", run, --rm, "{app_service}", rake, "db:migrate"]] }
settings:
  project: { type: name, default: acme, description: Its project. }
signoff: [{ name: works, title: It works }]
`,
      'acme-two.yml': 'name: acme-two\nextends: acme\nsettings:\n  extra: { type: port, description: Another. }\n',
      '.hidden.yml': 'nonsense: [',
      'notes.txt': 'not a profile',
    });
    const all = loadProfiles(its.home);
    expect(all.size).toBe(shipped.size + 2);
    expect(all.get('acme')).toMatchObject({ origin: 'own', file: join(its.home, 'profiles/acme.yml') });
    const two = all.get('acme-two')?.profile;
    expect(two?.title).toBe('Acme on Compose');
    expect(two?.commands.migrate?.run?.[0]?.at(-1)).toBe('db:migrate');
    expect(two?.commands.start).toEqual(get('compose').commands.start);
    expect(two?.settings.project?.default).toBe('acme');
    expect(two?.settings.extra?.type).toBe('port');
    expect(two?.settings.maintenance_flag).toEqual(get('compose').settings.maintenance_flag);
    expect(two?.signoff).toEqual([{ name: 'works', title: 'It works' }]);
  });

  it('is refused under the name of a shipped one, and told what to do', () => {
    expect(complaints({ 'compose.yml': 'name: compose\ntitle: Mine\nextends: compose\n' })).toBe(
      'compose.yml:1: name: "compose" is shipped with Twokey; give yours a name of its own and write `extends: compose`',
    );
  });

  it('is named as its file', () => {
    expect(complaints({ 'acme.yml': 'name: blue\nextends: compose\n' })).toContain(
      'acme.yml:1: name: the profile "blue" has to be in a file blue.yml, or be named acme',
    );
    expect(complaints({ 'acme.yaml': 'name: acme\nextends: compose\n' })).toContain('has to be in a file acme.yml');
  });

  it('cannot extend what is not there, or itself in a circle', () => {
    expect(complaints({ 'acme.yml': 'name: acme\n# …\nextends: compsoe\n' })).toBe(
      'acme.yml:3: extends: there is no profile "compsoe"; did you mean `compose`?',
    );
    const circle = complaints({ 'a1.yml': 'name: a1\nextends: a2\n', 'a2.yml': 'name: a2\nextends: a1\n' });
    expect(circle).toContain('a1 extends a2 extends a1, which is a circle');
  });

  it('tells every mistake of every file at once, each with its line', () => {
    const said = complaints({
      'one.yml': 'name: one\nextends: compose\ntitel: One\n',
      'two.yml': 'name: two\nextends: compose\ntitle: 2\n',
      'three.yml': 'name: three\nextends: [\n',
      'four.yml': '- a\n- b\n',
    });
    expect(said).toContain('one.yml:3: titel: there is no such key; did you mean `title`?');
    expect(said).toContain('two.yml:3: title: it has to be text: put it into quotes');
    expect(said).toMatch(/three\.yml:\d: this is not YAML: /);
    expect(said).toContain('four.yml:1: a profile is a group of keys, beginning with `name`');
  });
});

describe('checking one file', () => {
  it('does not mind what is wrong with the others, nor where it lies', () => {
    using its = profileHome({ 'broken.yml': 'name: [', 'base.yml': 'name: base\nextends: compose\n' });
    const file = join(its.home, 'draft.txt');
    writeFileSync(file, 'name: acme\nextends: base\n');
    expect(validateProfile(file, its.home)).toMatchObject({ profile: { name: 'acme', title: 'Docker Compose' } });
    writeFileSync(file, 'name: script\nextends: base\n');
    expect(validateProfile(file, its.home)).toMatchObject([
      { line: 1, message: expect.stringContaining('is shipped') },
    ]);
    expect(validateProfile(join(its.home, 'none.yml'), its.home)).toMatchObject([
      { line: 1, message: expect.stringContaining('it cannot be read') },
    ]);
  });
});

describe('a site', () => {
  const document = (profile: string) =>
    estateDocument.parse({
      clusters: [{ name: 'main', hosts: [hostInput('db1')], sites: [siteInput('acme', 'db1', { profile })] }],
    });

  it('names a profile that is known', () => {
    expect(checkSiteProfiles(document('script'), shipped).ok).toBe(true);
    expect(checkSiteProfiles(document('comcare'), shipped)).toMatchObject({
      error: {
        code: 'unknown_profile',
        message: 'The site "acme": There is no profile "comcare". Did you mean `commcare`?',
        next: expect.stringContaining('`profiles`'),
      },
    });
  });
});
