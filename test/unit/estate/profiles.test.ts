import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { coverageOf } from '../../../src/estate/profile-coverage.ts';
import { checkSiteProfiles, findProfile, loadProfiles, validateProfile } from '../../../src/estate/profile-load.ts';
import { profileSchemaText } from '../../../src/estate/profile-schema.ts';
import { estateDocument } from '../../../src/estate/types.ts';
import { CodedError } from '../../../src/kernel/errors.ts';
import { hostInput, siteInput } from '../../support/builders.ts';
import { profileHome } from '../../support/profile-home.ts';

const shipped = loadProfiles('/nowhere');
const get = (name: string) => {
  const found = findProfile(shipped, name);
  if (!found.ok) throw new Error(found.error.message);
  return found.value.profile;
};
const notSet = (name: string) => coverageOf(get(name)).notSet.map((one) => one.place);

/** What is said of a data directory with these profiles in it, without the folder's name. */
function complaints(files: Readonly<Record<string, string>>): string {
  using its = profileHome(files);
  try {
    loadProfiles(its.home);
    return 'loaded';
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    expect(error.code).toBe('bad_configuration');
    expect(error.next).toContain('twokey profile validate');
    return error.message.replaceAll(join(its.home, 'profiles/'), '');
  }
}

describe('the shipped profiles', () => {
  it('are all there and right', () => {
    const files = readdirSync(new URL('../../../src/estate/profiles/', import.meta.url));
    expect([...shipped.keys()].map((name) => `${name}.yml`).sort()).toEqual(files.sort());
    expect([...shipped.keys()]).toEqual([
      'commcare',
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

  const wrong: [string, string, string][] = [
    [
      'a misspelt command',
      'commands:\n  migrat: { run: [[a]] }',
      ':4: commands.migrat: there is no such key; did you mean `migrate`?',
    ],
    [
      'a joined text for a command',
      'commands:\n  start: { run: "rm -rf /" }',
      ':4: commands.start.run: it has to be a list',
    ],
    [
      'a text in a list of arguments',
      'commands:\n  start:\n    run: ["rm -rf /"]',
      ':5: commands.start.run.0: it has to be a list',
    ],
    [
      'an unset command without a reason',
      'commands:\n  start: { run: null }',
      ':4: commands.start: a command that is not set needs a `note`',
    ],
    [
      'an unknown placeholder',
      'commands:\n  start:\n    run: [[app, "{projct}"]]',
      ':5: commands.start.run.0.1: there is nothing to fill {projct} with; did you mean {project}?',
    ],
    [
      'a parameter nobody uses',
      'commands:\n  start:\n    run: [[app]]\n    parameters: { x: { type: name } }',
      ':6: commands.start.parameters.x: the parameter {x} is not used',
    ],
    [
      'a parameter that hides a setting',
      'commands:\n  start:\n    run: [[app, "{project}"]]\n    parameters: { project: { type: text } }',
      ':6: commands.start.parameters.project: "project" already means something',
    ],
    [
      'a parameter of no type',
      'commands:\n  start:\n    run: [[app, "{x}"]]\n    parameters: { x: { type: nmae } }',
      ':6: commands.start.parameters.x.type: it has to be one of name, ',
    ],
    [
      'Compose of the other version',
      'commands:\n  start: { run: [[docker-compose, up]] }',
      ':4: commands.start.run.0: this calls Compose v1, and `compose.version` is v2',
    ],
    ['a role nobody knows', 'roles: [app, boss]', ':3: roles.1: it has to be one of app, api'],
    [
      'a service on a role it has not',
      'roles: [app]',
      ':2: services.1.role: "db" is not among this profile’s `roles` (by `extends: compose`)',
    ],
    [
      'a datastore without a word on its backup',
      'datastores:\n  - { name: x, kind: files, backup: {} }',
      ':4: datastores.0.backup: say `method`, or `none` with the reason',
    ],
    [
      'a datastore twice',
      'datastores:\n  - { name: x, kind: files, backup: { none: because } }\n  - { name: x, kind: files, backup: { none: because } }',
      ':5: datastores.1.name: "x" stands here twice',
    ],
    [
      'a backup by a command that is not there',
      'datastores:\n  - { name: x, kind: files, backup: { method: command, command: release_revert } }',
      ':4: datastores.0.backup.command: there is no command "release_revert"',
    ],
    [
      'an unquoted version',
      'upgrade:\n  unordered: x\n  path: [{ minor: 8.10, next: [] }]',
      ':5: upgrade.path.0.minor: it has to be text: put it into quotes',
    ],
    [
      'a default that does not fit',
      'settings:\n  port: { type: port, default: "0", description: x }',
      ':4: settings.port.default: it has to be a port from 1 to 65535',
    ],
    [
      'a secret with a default',
      'settings:\n  token: { type: text, secret: true, default: "x", description: x }',
      ':4: settings.token.default: a secret has no default',
    ],
    [
      'a secret on a command line (P8)',
      'settings:\n  token: { type: text, secret: true, description: x }\ncommands:\n  start: { run: [[app, "{token}"]] }',
      ':6: commands.start.run.0.1: {token} is a secret',
    ],
    [
      'a setting with a name of the site’s',
      'settings:\n  site_dir: { type: path, description: x }',
      ':4: settings.site_dir: "site_dir" already means something',
    ],
    [
      'no mode in which people work',
      'maintenance:\n  modes:\n    - { name: "on", users: none, enter: { run: [[a]] } }\n    - { name: "of", users: read, enter: { run: [[a]] } }',
      ':4: maintenance.modes: exactly one mode lets users work; here 0 do',
    ],
    [
      'thresholds the wrong way round',
      'thresholds:\n  fs.space: { unit: percent, warn: 90, crit: 80 }',
      ':4: thresholds.fs.space: `crit` has to be worse than `warn`',
    ],
    [
      'a release pattern without a version',
      'releases:\n  - { product: app, pattern: "^app$" }',
      ':4: releases.0.pattern: it has 0 groups',
    ],
    [
      'a layout that stands on itself',
      'layout: { site_dir: "{site_dir}/x", media_dir: null }',
      ':3: layout.site_dir: there is nothing to fill {site_dir} with',
    ],
    ['a key twice', 'title: a\ntitle: b', 'this is not YAML: Map keys must be unique'],
  ];
  it.each(wrong)('is refused with %s', (_what, text, said) => {
    expect(complaints({ 'acme.yml': `name: acme\nextends: compose\n${text}\n` })).toContain(
      `acme.yml${said.startsWith(':') ? '' : ':4: '}${said}`,
    );
  });

  it('is refused with a path that goes in a circle', () => {
    const own = 'upgrade:\n  path:\n    - { minor: "8.2", next: ["8.1"] }\n    - { minor: "8.1", next: ["8.2"] }\n';
    expect(complaints({ 'acme.yml': `name: acme\nextends: flow-production-tracking-docker\n${own}` })).toContain(
      'acme.yml:5: upgrade.path.0.next.0: 8.2 cannot lead to 8.1, which is not newer: that would be a circle',
    );
  });
});

describe('a file made to do harm', () => {
  it('is refused like any other', () => {
    expect(complaints({ 'acme.yml': 'name: acme\nextends: compose\n__proto__: { title: x }\n' })).toContain(
      'acme.yml:3: __proto__: there is no such key',
    );
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [one, next] of ['ab', 'bc', 'cd', 'de', 'ef'].map((pair) => pair.split('')))
      bomb.push(`${next}: &${next} [${Array(10).fill(`*${one}`).join(', ')}]`);
    expect(complaints({ 'acme.yml': bomb.join('\n') })).toContain('acme.yml:1: this cannot be read: ');
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
