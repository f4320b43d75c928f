import { describe, expect, it } from 'vitest';
import { complaints } from '../../support/profile-home.ts';

describe('a profile', () => {
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
      'no mode in which people do not work',
      'maintenance:\n  modes:\n    - { name: "off", users: work, enter: { run: [[a]] } }',
      ':4: maintenance.modes: a mode is missing in which users do not work; or say `none` and why',
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
