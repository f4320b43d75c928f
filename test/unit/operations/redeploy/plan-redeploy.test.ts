import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { command } from '../../../../commands/redeploy.ts';
import type { SiteFacts } from '../../../../src/operations/facts.ts';
import { describeDrift, hashPlan } from '../../../../src/operations/plan.ts';
import { estate, hostInput, siteInput } from '../../../support/builders.ts';
import { asked, facts, names, planned, step, told, words } from '../../../support/redeploy-plans.ts';

const COMPOSE = { profile: 'compose', stored: { project: 'acme' } };
const SYSTEMD = { profile: 'systemd', stored: { unit: 'acme.service' } };

describe('R17 the plan of a redeploy', () => {
  it('validates, enters maintenance, applies, leaves maintenance and notes the version, in that order', () => {
    const plan = planned(COMPOSE);
    // P8 what Compose says of a file that it refuses may be a password.
    expect(names(plan)).toEqual([
      'compose.validate',
      'maintenance.on',
      'settings.deploying',
      'config.apply',
      'maintenance.off',
      'settings.deployed',
    ]);
    expect(words(step(plan, 'config.apply'))).toEqual(
      ['docker', 'compose', '-p', 'acme', 'up', '-d', '--wait', '--wait-timeout', '300'], // prettier-ignore
    );
    expect(step(plan, 'config.apply').params.do_folder).toBe('/srv/acme');
    expect(step(plan, 'settings.deployed').params).toEqual({ site: 'acme', version: '3', before: '2' });
    expect(told(plan)).toContain('Makes version 3 of the settings of acme hold; version 2 runs now.');
    expect(told(plan)).toContain('no `healthcheck` and no probe');
  });

  it('restarts where the profile has no config_apply, leaves validation out where it has none, and says both', () => {
    const plan = planned(SYSTEMD);
    expect(names(plan)).toEqual([
      'maintenance.on',
      'settings.deploying',
      'config.apply',
      'health.check',
      'maintenance.off',
      'settings.deployed',
    ]);
    expect(words(step(plan, 'config.apply'))).toEqual(['systemctl', 'restart', 'acme.service']);
    expect(words(step(plan, 'health.check'), 'check_1')).toEqual(['systemctl', 'is-active', '--quiet', 'acme.service']);
    expect(told(plan)).toContain('no `config_validate`');
    expect(told(plan)).toContain(
      'Restarts, as the profile has no `config_apply`, on db1: systemctl restart acme.service',
    );
  });

  it('R32 uses the mode in which nobody works, proved by the probe; health is asked before it ends', () => {
    const plan = planned({ profile: 'karl', stored: { instance: 'main', web_program: 'web' } });
    const on = step(plan, 'maintenance.on');
    expect(words(on).slice(1)).toEqual(['mode', '-I', 'main', '-s', 'maintenance']);
    expect(words(on, 'do', 2).slice(1)).toEqual(['reload']);
    expect(words(on, 'probe').slice(1)).toEqual(['mode', '-I', 'main']);
    expect(on.params).toMatchObject({ do_prints: 'maintenance', do_exit: '' });
    expect(names(plan).indexOf('health.check')).toBeLessThan(names(plan).indexOf('maintenance.off'));
    expect(step(plan, 'health.check').params).toMatchObject({
      checks: '2',
      check_1_kind: 'tcp',
      check_1_at: '6543',
      check_2_name: 'postgresql',
      check_2_at: '5432',
    });
    expect(told(plan)).toContain('Not asked, for want of one host of the role: postfix (mail).');
  });

  it('asks the addresses of visitors after maintenance, which would answer in their place, and can go back', () => {
    const plan = planned({ profile: 'commcare', stored: { cchq_environment: 'prod', server_name: 'hq.example.org' } });
    const off = step(plan, 'maintenance.off');
    expect(off.params).toMatchObject({ checks: '1', check_1_at: 'https://hq.example.org/serverup.txt' });
    expect(words(off)).toEqual(['commcare-cloud', 'prod', 'downtime', 'end']);
    expect(words(off, 'back').slice(0, 4)).toEqual(['commcare-cloud', 'prod', 'downtime', 'start']);
    expect(off.params.probe_runs).toBe('0');
    expect(told(plan)).toContain('Nothing proves the mode: The public documentation names no way');
    // One command serves as the healthcheck and as two probes; it is asked once.
    expect(step(plan, 'health.check').params.checks).toBe('1');
    expect(told(plan)).toContain('Takes no backup: a verified one');
    expect(step(plan, 'config.apply').aftermath).toMatch(
      /stays ON: .* The application ends it by itself after 24 h 00 min\./,
    );
  });

  it('R32 goes without maintenance only where the profile says that there is none, and says so in capitals', () => {
    const own = {
      'bare.yml': `name: bare\ntitle: Bare\nextends: systemd\nmaintenance: { none: It is only used at night. }\n`,
    };
    const plan = planned({ profile: 'bare', own, stored: SYSTEMD.stored });
    expect(names(plan)).toEqual(['settings.deploying', 'config.apply', 'health.check', 'settings.deployed']);
    expect(told(plan)).toContain('NOT put into maintenance: the profile bare has none. It is only used at night.');
    expect(step(plan, 'config.apply').aftermath).not.toContain('stays ON');
  });

  it('P10 is refused with what to set, and in which file, where the vendor publishes no way into maintenance', () => {
    expect(
      asked({ profile: 'flow-production-tracking-docker', stored: { site_url: 'https://a.example' } }),
    ).toMatchObject({
      ok: false,
      error: {
        code: 'command_not_set',
        message: expect.stringContaining('`maintenance.on` is not set'),
        next: expect.stringContaining('`profiles/my-flow-production-tracking-docker.yml`'),
      },
    });
  });

  it('P10 is refused where a setting that a command needs has no value', () => {
    expect(asked({ profile: 'compose' })).toMatchObject({
      ok: false,
      error: { code: 'bad_arguments', message: '`project` is needed and has no value.' },
    });
  });

  it('says at every step after maintenance that it stays ON, and the way back', () => {
    const plan = planned(SYSTEMD);
    for (const name of ['config.apply', 'health.check']) {
      expect(step(plan, name).aftermath).toContain('Maintenance stays ON: nobody can work on acme.');
      expect(step(plan, name).aftermath).toContain('`settings rollback acme 2`, then `redeploy acme`');
    }
    expect(step(plan, 'maintenance.off').aftermath).toContain('`settings rollback acme 2`');
  });

  it('P5 guesses neither ON nor OFF where maintenance was being ended, nor where an earlier redeploy left it', () => {
    expect(step(planned(SYSTEMD), 'maintenance.off').aftermath).toContain('it may be either');
    const settings = { ...facts(COMPOSE).settings, uncertain: true };
    const again = planned({ ...COMPOSE, change: { settings, freshBackup: false } });
    for (const name of ['db.dump', 'compose.validate'])
      expect(step(again, name).aftermath).toContain('as the last redeploy left it: it may be ON');
    expect(step(planned(COMPOSE), 'compose.validate').aftermath).toBeUndefined();
  });

  it('runs a command on the host of its role, and refuses where that is not one host', () => {
    const own = {
      'split.yml': `name: split\ntitle: Split\nextends: systemd\ncommands:\n  restart: { run: [[systemctl, restart, "{unit}"]], on: transcoding }\n`,
    };
    const its = (...roles: string[][]) =>
      estate(
        [hostInput('db1'), ...roles.map((held, at) => hostInput(`other${at + 1}`, { roles: held }))],
        [siteInput('acme', 'db1')],
      );
    const split = (there: SiteFacts['estate']) =>
      asked({ profile: 'split', own, stored: SYSTEMD.stored, change: { estate: there } });
    const one = split(its(['transcoding']));
    expect(one.ok && step(one.value, 'config.apply').host).toBe('other1');
    expect(one.ok && step(one.value, 'maintenance.on').host).toBe('db1');
    expect(split(its())).toMatchObject({ ok: false, error: { code: 'not_supported' } });
    expect(split(its(['transcoding'], ['transcoding']))).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('other1, other2') },
    });
  });
});

describe('R24 P7 the backup before it', () => {
  const without = { ...SYSTEMD, change: { freshBackup: false } };

  it('is taken first where no fresh one is there, as the backup command plans it', () => {
    const plan = planned(without);
    expect(names(plan).slice(0, 6)).toEqual([
      'backup.prepare',
      'db.dump',
      'db.globals',
      'db.verify',
      'backup.publish',
      'maintenance.on',
    ]);
    expect(plan.cleanup.map((one) => one.step)).toEqual(['backup.discard']);
    expect(told(plan)).toContain('Takes a verified backup first:');
    expect(asked({ ...without, change: { freshBackup: false, toolVersion: null } })).toMatchObject({
      ok: false,
      error: {
        code: 'precheck_failed',
        message: 'db1 has no pg_dump.',
        next: expect.stringContaining('`--without-backup "why"` leaves the backup out'),
      },
    });
  });

  it('is left out where somebody says why, which those who approve it read, and drift in the reason voids', () => {
    const asking = (without_backup: string) =>
      command.plan(facts({ ...without, change: { freshBackup: false, toolVersion: null } }), {
        site: 'acme',
        without_backup,
      });
    const [plan, other] = [asking('the database does not answer'), asking('no time')];
    if (!plan.ok || !other.ok) throw new Error('refused');
    expect(names(plan.value)).not.toContain('db.dump');
    expect(told(plan.value)).toContain(
      'Takes NO backup, though none younger than 24 h 00 min is there. The reason given: the database does not answer',
    );
    expect(hashPlan(other.value)).not.toBe(hashPlan(plan.value));
    // Where one is fresh the reason changes nothing of the steps.
    expect(told(planned(SYSTEMD))).toContain('Takes no backup: a verified one');
  });

  it('is not taken where one is fresh, nor where production’s rules do not hold', () => {
    expect(names(planned(SYSTEMD))).not.toContain('db.dump');
    expect(names(planned({ ...SYSTEMD, change: { freshBackup: false, asProduction: false } }))).not.toContain(
      'db.dump',
    );
  });

  it('is said to be missing where Twokey cannot make it', () => {
    const vendor = planned({
      profile: 'commcare',
      stored: { cchq_environment: 'prod', server_name: 'hq.example.org' },
      change: { freshBackup: false },
    });
    expect(names(vendor)).not.toContain('db.dump');
    expect(told(vendor)).toContain('Takes NO backup, because the profile commcare has no database that Twokey dumps');
    expect(told(planned({ ...COMPOSE, change: { freshBackup: false, toolVersion: null } }))).toContain(
      'the database runs within Compose, and db1 has no pg_dump',
    );
  });
});

describe('P2 settings that change meanwhile', () => {
  it('change the plan, and say which word is another', () => {
    const before = planned(COMPOSE);
    const after = planned({ profile: 'compose', stored: { project: 'beta' } });
    expect(hashPlan(after)).not.toBe(hashPlan(before));
    expect(describeDrift(before, after).join('\n')).toContain('config.apply do_1_4: acme → beta');
  });
});

describe('P8 what people store', () => {
  const own = {
    'hostile.yml': `name: hostile\ntitle: Hostile\nextends: systemd\ncommands:\n  config_apply: { run: [[app, "--motd={motd}", --, "{motd}"]] }\nsettings:\n  unit: { type: unit, description: The unit. }\n  motd: { type: text, description: A text. }\n  key: { type: text, secret: true, description: A secret. }\n`,
  };

  it('is one word each, whatever it holds', () => {
    const text = fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' });
    const sharp = fc.constantFrom(
      '$(id)',
      '`id`',
      '; rm -rf /',
      "' '",
      '" "',
      '\\',
      '-x',
      '*',
      '{site}',
      '&& id',
      '|id',
    );
    const base = facts({ profile: 'hostile', own, stored: {} });
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          sharp,
          fc.tuple(sharp, text).map((it) => it.join('')),
        ),
        (motd) => {
          const document = { unit: 'a.service', motd };
          const plan = command.plan({ ...base, settings: { ...base.settings, document } }, { site: 'acme' });
          // Characters that nobody can see are refused; everything else stands as it was typed.
          if (!plan.ok) expect(plan.error.code).toBe('bad_arguments');
          else expect(words(step(plan.value, 'config.apply'))).toEqual(['app', `--motd=${motd}`, '--', motd]);
        },
      ),
    );
  });

  it('keeps a secret setting out of the plan, names it for blanking, and says that it is handed to nothing', () => {
    const plan = planned({ profile: 'hostile', own, stored: { unit: 'a.service', motd: 'x', key: 'the-key-file' } });
    const { blanks, secrets, params } = step(plan, 'config.apply');
    expect(blanks).toEqual(['the-key-file']);
    expect(secrets).toEqual([]);
    expect(Object.values(params).join(' ')).not.toContain('the-key-file');
    expect(told(plan)).toContain('Hands no secret to the host: see yourself that the application has key.');
  });
});
