import { describe, expect, it } from 'vitest';
import { command as edit } from '../../../../commands/compose-edit.ts';
import { command as revert } from '../../../../commands/compose-revert.ts';
import { sha256 } from '../../../../src/kernel/ids.ts';
import { Secret } from '../../../../src/kernel/secret.ts';
import type { ComposeFacts } from '../../../../src/operations/compose/look.ts';
import type { SiteFacts } from '../../../../src/operations/facts.ts';
import { describeDrift, hashPlan, type Plan } from '../../../../src/operations/plan.ts';
import { composeSwap } from '../../../../src/operations/steps/compose-swap.ts';
import { estate, hostInput, siteInput } from '../../../support/builders.ts';
import { COMPOSE_SECRET, composeSite } from '../../../support/compose-facts.ts';
import { names, step, told, words } from '../../../support/redeploy-plans.ts';

const IMAGE = { site: 'acme', path: 'services.app.image', value: 'shop:1.5' };
const FRESH = { freshBackup: true };

function planned(facts: SiteFacts, args: Readonly<Record<string, string>> = IMAGE, command = edit): Plan {
  const plan = command.plan(facts, args);
  if (!plan.ok) throw new Error(`${plan.error.code}: ${plan.error.message}`);
  return plan.value;
}
function refused(facts: SiteFacts, args: Readonly<Record<string, string>> = IMAGE, command = edit): string {
  const plan = command.plan(facts, args);
  if (plan.ok) throw new Error('it was planned');
  return `${plan.error.message} ${plan.error.next}`;
}
const withFacts = (compose: Partial<ComposeFacts>, change: Partial<SiteFacts> = FRESH) => composeSite(change, compose);

describe('R22 the plan of a change of a compose file', () => {
  it('R24 is a backup, then staged and validated, then within maintenance swapped and applied, and noted', () => {
    const plan = planned(composeSite());
    expect(names(plan).slice(0, 2)).toEqual(['backup.prepare', 'db.dump']);
    expect(names(plan).filter((name) => !/^(?:backup|db)\./.test(name))).toEqual([
      'compose.stage',
      'compose.validate',
      'maintenance.on',
      'settings.deploying',
      'compose.swap',
      'config.apply',
      'maintenance.off',
      'settings.deployed',
    ]);
    expect(told(plan)).toContain('Takes a verified backup first');
    expect(plan.command).toBe('compose edit');
    expect(names(planned(composeSite(FRESH)))[0]).toBe('compose.stage');
    const cleanup = plan.cleanup.find((one) => one.step === 'compose.discard');
    expect(cleanup?.since).toBe(names(plan).indexOf('compose.stage') + 1);
    expect(edit.risk).toBe('disruptive');
  });

  it('P2 holds the very bytes and the sums of the file; another file of the same name is drift', () => {
    const plan = planned(composeSite(FRESH));
    const { params } = step(plan, 'compose.stage');
    expect(params).toMatchObject({ file: 'docker-compose.yml', from: '', text: 'shop:1.5', length: '8' });
    expect(told(plan)).toContain('services.app.image becomes shop:1.5 (before: shop:1.4)');
    expect(told(plan)).toContain(params.before);
    expect(step(plan, 'compose.swap').params).toMatchObject({ before: params.before, after: params.after });
    const other = planned(composeSite(FRESH), { ...IMAGE, value: 'shop:1.6' });
    expect(hashPlan(other)).not.toBe(hashPlan(plan));
    expect(describeDrift(plan, other).join(' ')).toContain('step 1 compose.stage');
  });

  it('validates by the profile’s own command, with each file that Compose would lay over it', () => {
    const validate = (compose: Partial<ComposeFacts>) => words(step(planned(withFacts(compose)), 'compose.validate'));
    const staged = '.twokey-staged_acme.yml';
    expect(validate({})).toEqual(['docker-compose', '-f', staged, '-p', 'acme', 'config', '-q']);
    const [file] = composeSite().compose?.files ?? [];
    const overrides = file ? [{ ...file, name: 'docker-compose.override.yml' }] : [];
    expect(validate({ overrides })).toContain('docker-compose.override.yml');
    const v2 = composeSite(FRESH, { version: 'v2' }, { profile: 'compose', change: { freshBackup: true } });
    expect(words(step(planned(v2), 'compose.validate')).slice(0, 4)).toEqual(['docker', 'compose', '-f', staged]);
    expect(told(planned(v2))).toContain(`docker compose -f ${staged} -p acme config -q`);
  });

  it('P7 says what was not changed, and after the swap the one command that takes it back', () => {
    const plan = planned(composeSite(FRESH));
    const says = (name: string) => step(plan, name).aftermath ?? '';
    for (const name of ['compose.stage', 'compose.validate'])
      expect(says(name)).toBe('/srv/acme/docker-compose.yml has not been changed by this operation.');
    expect(says('maintenance.on')).toMatch(
      /^Maintenance may be ON\. .* has not been changed by this operation\. `redeploy acme`/,
    );
    expect(says('compose.swap')).toMatch(
      /`compose history acme` shows whether .* was changed\. If so, `compose revert acme`/,
    );
    for (const name of ['config.apply', 'maintenance.off', 'settings.deployed'])
      expect(says(name)).toContain('The way back is one command: `compose revert acme`.');
    expect(says('config.apply')).toMatch(/^Maintenance stays ON/);
    expect(step(plan, 'compose.swap').params.back).toBe('compose revert acme');
    expect(composeSwap.explain(46, 'no space').message).toContain('The file was not changed');
    expect(composeSwap.explain(137, '').message).toContain('Nobody knows whether the file was changed');
  });

  it('P8 tells names of values that differ, images in full, and nothing else of either file', () => {
    const facts = composeSite(FRESH);
    const [file] = facts.compose?.files ?? [];
    const wanted = file ? { ...file, name: 'next.yml' } : null;
    const prepared = planned(withFacts({ wanted }), { site: 'acme', from: 'next.yml' });
    expect(told(prepared)).toContain(
      '2 values differ: services.app.image (shop:1.4 → shop:1.5), services.app.environment.MODE. Values are not shown',
    );
    expect(step(prepared, 'compose.stage').params).toMatchObject({ from: 'next.yml', text: '', length: '0' });
    const back = planned(facts, { site: 'acme' }, revert);
    expect(told(back)).toContain(
      'as it was before operation 7k3m9q2x, from docker-compose.yml.20261120T080000Z-7k3m9q2x.bak',
    );
    const mode = planned(facts, { ...IMAGE, path: 'services.app.environment.MODE', value: 'odd' });
    expect(told(mode)).toContain('becomes odd (the value before is not shown, because it may be a secret)');
    for (const plan of [planned(facts), prepared, back, mode]) {
      expect(JSON.stringify(plan)).not.toContain(COMPOSE_SECRET);
      expect(JSON.stringify(plan)).not.toMatch(/fast|slow/);
    }
    expect(JSON.stringify(facts)).not.toContain(COMPOSE_SECRET);
  });

  it('P8 tells no key that a missing blank has made of a value, and does not let Compose repeat it', () => {
    const facts = composeSite(FRESH);
    const [file] = facts.compose?.files ?? [];
    const wanted = file ? { ...file, name: 'next.yml' } : null;
    const text = `services: { app: { environment: { PGPASSWORD:hunter2, 'DB=hunter2': x } } }\n`;
    const next = { name: 'next.yml', sha256: sha256(text), text: new Secret(text) };
    const contents = new Map([...(facts.compose?.contents ?? []), ['next.yml', next] as const]);
    const plan = planned(withFacts({ wanted, contents }), { site: 'acme', from: 'next.yml' });
    expect(told(plan)).toContain('services.app.environment.…');
    expect(JSON.stringify(plan)).not.toContain('hunter2');
  });

  it('can be stored whatever is cut off: no character is cut in two', () => {
    for (const value of ['🚀', 'x🚀'].map((one) => one + '🚀'.repeat(200))) {
      const plan = planned(composeSite(FRESH), { ...IMAGE, value });
      expect(told(plan).isWellFormed()).toBe(true);
      expect(step(plan, 'compose.stage').params.text).toContain(value);
    }
  });

  it('blanks the site’s secrets in what its steps print', () => {
    const site = siteInput('acme', 'db1', {
      database: { host: 'localhost', name: 'app', user: 'backup', password_secret: 'acme-db' },
    });
    const plan = planned(composeSite({ ...FRESH, estate: estate([hostInput('db1')], [site]) }));
    for (const name of ['compose.stage', 'compose.validate', 'compose.swap', 'config.apply'])
      expect(step(plan, name).blanks, name).toEqual(['acme-db']);
  });

  it('does not bring settings to one of several hosts that wait for a redeploy of all', () => {
    const its = estate([hostInput('db1'), hostInput('a2')], [siteInput('acme', 'db1')]);
    const [host, other] = [its.hosts.get('a2'), its.hosts.get('db1')];
    if (!host || !other) throw new Error('no hosts');
    expect(refused(withFacts({ host, others: [other] }))).toMatch(
      /Settings of acme wait for a redeploy, which is for a2, db1.*`redeploy acme` first, or take them back: `settings rollback acme 2`/,
    );
    // What only became uncertain by a change that failed there does not keep its way back from being asked for.
    const facts = withFacts({ host, others: [other] });
    const settings = { ...facts.settings, runningDocument: facts.settings.document, uncertain: true };
    expect(planned({ ...facts, settings }, { site: 'acme' }, revert).effects.join(' ')).not.toContain(
      'of the settings',
    );
  });

  it('P10 refuses what is half said, and a profile in which another file may hold', () => {
    for (const args of [
      {},
      { path: 'a' },
      { value: 'x' },
      { path: 'a', value: 'x', from: 'next.yml' },
      { path: 'a', from: 'n' },
    ])
      expect(refused(composeSite(FRESH), { site: 'acme', ...args })).toContain('Say either which value becomes what');
    const own = (apply: string) => ({
      own: {
        'mine.yml': `name: mine\nextends: compose-v1\ncommands: { config_apply: { run: [[docker-compose, ${apply}]] } }\n`,
      },
      profile: 'mine',
      change: { freshBackup: true },
    });
    for (const apply of ['-f, other.yml, up', '-fother.yml, up', '--file=other.yml, up'])
      expect(refused(composeSite({}, {}, own(apply)))).toContain(
        '`config_apply` of the profile mine names its files itself',
      );
    for (const from of ['../x', '/etc/passwd', '.env', '-rf', 'a b', 'a/b', 'x\n', ''])
      expect(edit.parse({ site: 'acme', from }).ok).toBe(false);
    expect(refused(composeSite(FRESH), { site: 'acme', from: 'compose.yml' })).toContain('Copy it under another name');
    expect(refused(withFacts({ wanted: null }), { site: 'acme', from: 'nxt.yml' })).toContain(
      'There is no /srv/acme/nxt.yml on db1',
    );
  });

  it('P10 reverts only to what is intact, and names what is near', () => {
    const facts = composeSite(FRESH);
    const [backup] = facts.compose?.backups ?? [];
    if (!backup) throw new Error('no backup');
    const asks = (compose: Partial<ComposeFacts>, named?: string) =>
      refused(withFacts(compose), { site: 'acme', ...(named === undefined ? {} : { backup: named }) }, revert);
    expect(asks({ backups: [] })).toContain('There is no dated backup of /srv/acme/docker-compose.yml on db1');
    expect(asks({ backups: [{ ...backup, intact: false }] })).toContain('is not what its .sha256 file says');
    expect(asks({}, `${backup.name.slice(0, -5)}.bak`)).toContain(`Did you mean \`${backup.name}\`?`);
    expect(asks({ contents: new Map([...(facts.compose?.contents ?? [])].slice(0, 1)) })).toContain(
      'does not come back',
    );
    const same = facts.compose?.contents.get('docker-compose.yml');
    if (!same) throw new Error('no content');
    const copies = new Map([
      ['docker-compose.yml', same],
      [backup.name, same],
    ] as const);
    expect(asks({ backups: [{ ...backup, sha256: same.sha256 }], contents: copies })).toMatch(
      /holds exactly that already: it is as .*`compose history acme` for the others, and name one/,
    );
  });
});
