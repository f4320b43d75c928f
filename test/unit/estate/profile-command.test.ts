import { describe, expect, it } from 'vitest';
import type { Profile } from '../../../src/estate/profile.ts';
import {
  expandCommand,
  findCommand,
  findMode,
  findModeProbe,
  findTask,
  siteValues,
} from '../../../src/estate/profile-command.ts';
import { type LoadedProfile, loadProfiles } from '../../../src/estate/profile-load.ts';
import { checkSetting } from '../../../src/estate/setting.ts';
import type { Values } from '../../../src/estate/template.ts';
import type { Refusal } from '../../../src/kernel/errors.ts';
import type { Result } from '../../../src/kernel/result.ts';
import { estate, hostInput, siteInput, siteOf } from '../../support/builders.ts';
import { profileHome } from '../../support/profile-home.ts';

function loaded(name: string, files: Readonly<Record<string, string>> = {}): LoadedProfile {
  using its = profileHome(files);
  const found = loadProfiles(its.home).get(name);
  if (!found) throw new Error(`no profile ${name}`);
  return found;
}
const site = siteOf(estate([hostInput('db1')], [siteInput('acme', 'db1')]), 'acme');

function given<T>(result: Result<T, Refusal>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

function run(
  its: LoadedProfile,
  command: ReturnType<typeof findCommand>,
  parameters: Values = {},
  stored: Values = {},
) {
  return expandCommand(its, given(command), given(siteValues(its, site, stored)), parameters);
}

describe('a command that is not set (P10)', () => {
  const flow = loaded('flow-production-tracking-docker');

  it('says what to set, in which file, in which shape', () => {
    expect(findCommand(flow, 'migrate')).toEqual({
      ok: false,
      error: {
        code: 'command_not_set',
        message:
          '`commands.migrate` is not set in the profile flow-production-tracking-docker. No public page names the task that migrates the database after a new container is deployed.',
        next: expect.stringContaining('`profiles/my-flow-production-tracking-docker.yml` of the data directory'),
      },
    });
  });

  /** The YAML between the ticks of "in the shape of `…`". */
  const shapeIn = (refused: ReturnType<typeof findCommand>) =>
    refused.ok ? '' : (/in the shape of `(.*?)`\./.exec(refused.error.next)?.[1] ?? '');

  it.each([
    ['commands.migrate', (its: LoadedProfile) => findCommand(its, 'migrate')],
    ['maintenance.on', (its: LoadedProfile) => findMode(its, 'on')],
    ['maintenance.probe', (its: LoadedProfile) => findModeProbe(its)],
  ])('can be set in exactly that shape: %s', (_place, find) => {
    const refused = find(flow);
    const own = `name: my-flow-production-tracking-docker\nextends: flow-production-tracking-docker\n${shapeIn(refused)}\n`;
    const its = loaded('my-flow-production-tracking-docker', { 'my-flow-production-tracking-docker.yml': own });
    expect(find(its).ok).toBe(true);
  });

  it('is named in one’s own file when the profile is one’s own', () => {
    const own = loaded('acme', { 'acme.yml': 'name: acme\nextends: compose\n' });
    const refused = findCommand(own, 'migrate');
    expect(refused.ok ? '' : refused.error.next).toContain('in `profiles/acme.yml` of the data directory');
    expect(refused.ok ? '' : refused.error.next).not.toContain('my-');
  });

  it('is told apart from one that this kind of application does not have', () => {
    expect(findCommand(loaded('compose'), 'release_revert')).toMatchObject({ error: { code: 'not_supported' } });
    expect(findTask(loaded('compose'), 'constructor')).toMatchObject({ error: { code: 'not_supported' } });
    expect(findMode(loaded('compose'), 'readonly')).toMatchObject({ error: { code: 'not_supported' } });
  });
});

describe('a command', () => {
  it('becomes lists of arguments on a site', () => {
    const compose = loaded('compose');
    expect(run(compose, findCommand(compose, 'start'), {}, { project: 'acme' })).toMatchObject({
      ok: true,
      value: {
        runs: [['docker', 'compose', '-p', 'acme', 'up', '-d', '--wait', '--wait-timeout', '300']],
        folder: '/srv/acme',
        role: null,
      },
    });
    const karl = loaded('karl');
    expect(run(karl, findMode(karl, 'readonly'), {}, { instance: 'osi' })).toMatchObject({
      value: {
        runs: [
          ['/srv/acme/current/bin/karlserve', 'mode', '-I', 'osi', '-s', 'readonly'],
          ['/srv/acme/current/bin/supervisorctl', 'reload'],
        ],
      },
    });
    expect(run(karl, findCommand(karl, 'migrate_pending_probe'))).toMatchObject({
      value: { yesWhen: { prints: 'Not evolving' } },
    });
  });

  it('takes its own parameters and no others', () => {
    const flow = loaded('flow-production-tracking-docker');
    const release = { release_file: '/tmp/shotgun-docker-se-7.4.3.0.tar.gz', version: '7.4.3.0' };
    expect(run(flow, findCommand(flow, 'release_load'), release)).toMatchObject({
      value: {
        runs: [
          ['tar', 'xzf', '/tmp/shotgun-docker-se-7.4.3.0.tar.gz', '-C', '/opt'],
          ['docker', 'load', '-i', '/opt/shotgun/se/shotgun-app.7.4.3.0.tar'],
        ],
      },
    });
    const refused = { ok: false, error: { code: 'bad_arguments' } };
    expect(run(flow, findCommand(flow, 'release_load'), { ...release, site_dir: '/etc' })).toMatchObject(refused);
    expect(run(flow, findCommand(flow, 'release_load'), { version: '7.4.3.0' })).toMatchObject(refused);
    expect(run(flow, findCommand(flow, 'release_load'), { ...release, version: '$(id)' })).toMatchObject(refused);
    const commcare = loaded('commcare');
    const service = (name: string) =>
      run(commcare, findCommand(commcare, 'service_restart'), { service: name }, { cchq_environment: 'prod' });
    expect(service('celery').ok).toBe(true);
    expect(service('celery; id')).toMatchObject(refused);
  });

  it('says which setting it lacks', () => {
    const compose = loaded('compose');
    expect(run(compose, findCommand(compose, 'start'))).toMatchObject({
      error: { code: 'bad_arguments', message: '`project` is needed and has no value.' },
    });
  });

  it('knows the site’s folders, and believes no stored value that is not of its type', () => {
    const flow = loaded('flow-production-tracking-docker');
    expect(given(siteValues(flow, site, {}))).toMatchObject({
      backup_dir: '/srv/acme/db_backup',
      media_dir: '/srv/acme/media',
      db_name: 'app',
    });
    expect(siteValues(flow, site, { site_url: 'javascript:x' })).toMatchObject({ error: { code: 'bad_arguments' } });
  });
});

describe('a setting', () => {
  const its: Profile = loaded('acme', {
    'acme.yml': `
name: acme
extends: compose
settings:
  token: { type: text, secret: true, description: Token of the mail service. }
  workers: { type: integer, min: 1, max: 16, default: "4", needs_redeploy: false, description: Workers. }
`,
  }).profile;
  const check = (key: string, text: string, advanced = false) => checkSetting(its, key, text, { advanced });

  it('is checked by its type', () => {
    expect(check('workers', '8')).toEqual({
      ok: true,
      value: { key: 'workers', value: '8', secret: false, needsRedeploy: false },
    });
    expect(check('workers', '17')).toMatchObject({
      error: { code: 'bad_arguments', message: '`workers` has to be a whole number from 1 up to 16.' },
    });
    expect(check('project', 'acme')).toMatchObject({ value: { needsRedeploy: true } });
  });

  it('that is advanced is changed only on purpose', () => {
    expect(check('maintenance_flag', '/etc/x')).toMatchObject({
      error: { next: expect.stringContaining('--advanced') },
    });
    expect(check('maintenance_flag', '/etc/x', true).ok).toBe(true);
  });

  it('that is a secret names its file, and the secret itself is never repeated (P8)', () => {
    expect(check('token', 'acme-mail')).toMatchObject({ value: { value: 'acme-mail', secret: true } });
    const refused = check('token', 'hunter2 hunter2');
    expect(refused).toMatchObject({ error: { message: expect.stringContaining('never the secret itself') } });
    expect(JSON.stringify(refused)).not.toContain('hunter2');
  });

  it('that is not there offers the nearest', () => {
    expect(check('worker', '8')).toMatchObject({
      error: { message: expect.stringContaining('Did you mean `workers`?') },
    });
    expect(check('constructor', '8').ok).toBe(false);
  });
});
