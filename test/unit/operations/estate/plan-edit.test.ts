import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findThing } from '../../../../src/estate/thing.ts';
import { isUndoable } from '../../../../src/operations/estate/encode.ts';
import { targetOfPlan } from '../../../../src/operations/estate/plan-edit.ts';
import { describeDrift, type Plan } from '../../../../src/operations/plan.ts';
import { T0 } from '../../../support/builders.ts';
import { carriedOut, commandOf, document, facts, KEY, planOf, refusalOf } from '../../../support/estate-plans.ts';

const host = { cluster: 'beta', host: 'new', address: 'new.example.com', user: 'twokey', key_file: '/keys/new' };

describe('a plan that edits the estate', () => {
  it('shows the difference in words, and carries out what it shows', () => {
    const plan = planOf('site edit', { site: 'acme', changes: 'version 8.2.0 --database.port 5433' });
    expect(plan.effects).toEqual(expect.arrayContaining(['version: 8.1.0 → 8.2.0', 'database.port: 5432 → 5433']));
    expect(plan).toMatchObject({ site: 'acme', environment: 'production', steps: [{ step: 'estate.put', host: '' }] });
    expect(findThing(carriedOut(plan), 'site', 'acme')?.document).toMatchObject({
      version: '8.2.0',
      database: { port: 5433 },
    });
  });

  it('drifts field by field when somebody else was faster', () => {
    const args = { host: 'app1', changes: 'port 2222' };
    const before = planOf('host edit', args);
    const other = carriedOut(planOf('host edit', { host: 'app1', changes: 'user admin' }));
    const changes = describeDrift(before, planOf('host edit', args, { document: other }));
    expect(changes.join('\n')).toMatch(/document\.user: "deploy" → "admin"/);
  });

  it('is production’s matter before or after: moving a site into production, or adding one', () => {
    const asProduction = (plan: Plan, on = document) => targetOfPlan(on, plan)?.asProduction;
    expect(asProduction(planOf('site edit', { site: 'acme', changes: 'environment staging' }))).toBe(true);
    const added = { site: 'blue', host: 'beta1', environment: 'staging', site_dir: '/srv/blue', version: '1' };
    const database = { 'database.host': 'db.example.com', 'database.name': 'blue', 'database.user': 'backup' };
    const staging = planOf('site add', { ...added, ...database });
    expect([staging.site, asProduction(staging)]).toEqual(['cluster:beta', false]);
    expect(asProduction(planOf('site add', { ...added, ...database, environment: 'production' }))).toBe(true);
    const into = planOf(
      'site edit',
      { site: 'blue', changes: 'environment production' },
      { document: carriedOut(staging) },
    );
    expect([into.environment, asProduction(into, carriedOut(staging))]).toEqual(['production', true]);
  });

  it('P8 pins the key that was confirmed, and no other', () => {
    const shown = refusalOf('host add', host, { presented: KEY });
    expect(shown).toContain(`host_key_unknown: new presents the key ssh-ed25519 ${KEY.fingerprint}`);
    expect(shown).toContain(
      `host add beta new new.example.com --user twokey --key_file /keys/new --key ${KEY.fingerprint}`,
    );
    const other = `SHA256:${'A'.repeat(43)}`;
    expect(refusalOf('host add', { ...host, key: other }, { presented: KEY })).toContain('host_key_changed:');
    const plan = planOf('host add', { ...host, key: KEY.fingerprint }, { presented: KEY });
    expect(findThing(carriedOut(plan), 'host', 'new')?.document).toMatchObject({ host_keys: [KEY.line] });
    expect(plan.site).toBe('cluster:beta');
    expect(commandOf('host add').roles).toEqual(['admin']);
  });

  it('knows every way to a host: agents, passphrases, certificates and their authorities', () => {
    const key = KEY.fingerprint;
    const { key_file: _file, ...noKey } = host;
    const added = (more: Readonly<Record<string, string>>) => {
      const plan = planOf('host add', { ...noKey, key, ...more }, { presented: KEY });
      return findThing(carriedOut(plan), 'host', 'new')?.document;
    };
    expect(added({ agent: 'yes' })).toMatchObject({ agent: true, transport: 'ssh2' });
    expect(added({ agent: '/run/agent' })).toMatchObject({ agent: '/run/agent' });
    expect(added({ key_file: '/keys/new', key_passphrase_secret: 'new-key' })).toMatchObject({
      key_passphrase_secret: 'new-key',
    });
    const authority = 'ssh-ed25519 AAAB';
    expect(
      added({ key_file: '/k', transport: 'openssh', certificate_file: '/k-cert.pub', host_ca: authority }),
    ).toMatchObject({ transport: 'openssh', certificate_file: '/k-cert.pub', host_ca: [authority] });
    const refused = (more: Readonly<Record<string, string>>) =>
      refusalOf('host add', { ...noKey, key, ...more }, { presented: KEY });
    expect(refused({})).toContain('either a key_file or an agent');
    expect(refused({ key_file: '/k', certificate_file: '/k-cert.pub' })).toContain('transport: openssh');
    const edited = planOf('host edit', { host: 'app1', changes: 'agent yes --unset key_file' });
    expect(findThing(carriedOut(edited), 'host', 'app1')?.document).toMatchObject({ agent: true });
    expect(refusalOf('host edit', { host: 'app1', changes: `host_ca "${authority}"` })).toContain(
      'decided by an admin',
    );
  });

  it('R12 a host without a shell is added without account and key, and has none to renew', () => {
    const box = { cluster: 'beta', host: 'box', address: 'box.example.com', shell: 'none', roles: 'db' };
    const plan = planOf('host add', box);
    expect(plan.effects).toEqual(
      expect.arrayContaining([
        expect.stringContaining('box.example.com, no shell'),
        expect.stringContaining('never connects'),
      ]),
    );
    const after = carriedOut(plan);
    expect(findThing(after, 'host', 'box')?.document).toMatchObject({ shell: 'none', host_keys: [] });
    expect(refusalOf('host rekey', { host: 'box' }, { document: after })).toContain('no_shell: box has no shell');
    expect(refusalOf('host add', { ...box, shell: 'ssh' })).toContain('user: needed');
  });

  it('a site beyond its product’s licence needs a reason, however it comes to be one', () => {
    const database = { 'database.host': 'db.example.com', 'database.name': 'x', 'database.user': 'backup' };
    const place = { host: 'beta1', environment: 'production', site_dir: '/srv/x', version: '1', ...database };
    const licensed = { profile: 'flow-production-tracking-docker' };
    const one = carriedOut(planOf('site add', { site: 'one', ...place, ...licensed }));
    const on = { document: one };
    const second = { site: 'two', ...place, ...licensed };
    expect(refusalOf('site add', second, on)).toContain('licence_exceeded: two would be production site 2');
    expect(planOf('site add', { ...second, reason: 'fee agreed' }, on).effects.join(' ')).toContain(
      'Reason: fee agreed.',
    );
    expect(refusalOf('site add', { ...second, environment: 'staging' }, on)).toBe('a plan');
    const edit = { site: 'acme', changes: 'profile flow-production-tracking-docker' };
    expect(refusalOf('site edit', edit, on)).toContain('licence_exceeded: acme');
    expect(refusalOf('site edit', { ...edit, reason: 'fee agreed' }, on)).toBe('a plan');
    expect(refusalOf('site edit', { site: 'one', changes: 'version 2' }, on)).toBe('a plan');
  });

  it('P10 a site gets a profile that is there, and an edit of something else asks for none', () => {
    const edit = (changes: string, on = document) =>
      refusalOf('site edit', { site: 'acme', changes }, { document: on });
    expect(edit('profile commcar')).toContain(
      'unknown_profile: There is no profile "commcar". Did you mean `commcare`?',
    );
    expect(edit('profile commcare')).toBe('a plan');
    const [main] = document.clusters;
    const [acme] = main?.sites ?? [];
    if (!main || !acme) throw new Error('no site to begin with');
    const gone = { clusters: [{ ...main, sites: [{ ...acme, profile: 'gone' }] }] };
    expect(edit('version 9', gone)).toBe('a plan');
  });

  it('P8 proposes a new key with the old one beside it, and is not undone by a click', () => {
    expect(refusalOf('host rekey', { host: 'beta1' }, { presented: KEY })).toContain('Pinned now: ssh-ed25519 SHA256:');
    const plan = planOf('host rekey', { host: 'beta1', key: KEY.fingerprint }, { presented: KEY });
    expect(plan.effects).toContain(`New: ssh-ed25519 ${KEY.fingerprint}.`);
    expect(isUndoable(plan)).toBe(false);
    const after = carriedOut(plan);
    expect(refusalOf('host rekey', { host: 'beta1' }, { presented: KEY, document: after })).toContain('pinned already');
    const before = findThing(document, 'host', 'beta1');
    const changes = [{ operation: '7k3m9q2x', before, after: findThing(after, 'host', 'beta1') }];
    expect(refusalOf('undo', { operation: '7k3m9q2x' }, { document: after, changes })).toContain('host rekey beta1');
  });

  it('is refused for what nobody may type', () => {
    const edit = (changes: string) => refusalOf('host edit', { host: 'app1', changes });
    expect(edit('prot 22')).toContain('Did you mean `port`?');
    expect(edit('name other')).toContain('A host keeps its name');
    expect(edit('host_keys x')).toContain('host rekey');
    expect(edit('port')).toContain('`port` needs a value');
    expect(edit('--unset')).toContain('needs a field');
    expect(edit('port 22')).toContain('That is how it is already.');
    expect(edit('roles "app, queen"')).toContain('roles.1:');
    expect(refusalOf('host edit', { host: 'ap1', changes: 'port 1' })).toContain('Did you mean `app1`?');
  });

  it('R16 is refused while something uses what it would take away, or runs on the host it would change', () => {
    const use = { target: 'acme', hosts: ['app1'], running: false, words: 'operation 7k3m9q2x (backup acme, held)' };
    expect(refusalOf('site remove', { site: 'acme' }, { uses: [use] })).toContain('backup acme, held');
    expect(refusalOf('site remove', { site: 'acme' })).toBe('a plan');
    const onHost = { ...use, target: 'host:beta1', hosts: [] };
    expect(refusalOf('cluster remove', { cluster: 'beta' }, { uses: [onHost] })).toContain('still_needed');
    expect(refusalOf('host remove', { host: 'beta1' }, { uses: [use] })).toBe('a plan');
    const edit = { host: 'app1', changes: 'port 2222' };
    expect(refusalOf('host edit', edit, { uses: [use] })).toBe('a plan');
    expect(refusalOf('host edit', edit, { uses: [{ ...use, running: true }] })).toContain('site_busy');
  });

  it('R16 puts back what was removed last, unless its name is taken again', () => {
    const thing = findThing(document, 'host', 'beta1');
    if (!thing) throw new Error('no host');
    const removals = [{ id: '7k3m9q2x', thing, removedAt: T0, removedBy: 'U0ADM' }];
    const without = carriedOut(planOf('host remove', { host: 'beta1' }));
    const back = planOf('host restore', { host: 'beta1' }, { document: without, removals });
    expect(carriedOut(back, without)).toEqual(document);
    expect(refusalOf('host restore', { host: 'beta1' }, { removals })).toContain('name_taken');
    expect(refusalOf('host restore', { host: 'beta' }, { document: without, removals })).toContain('`beta1`');
    expect(refusalOf('host restore', { host: 'beta1' }, { document: without })).toContain('No host was removed.');
  });
});

describe('an edit and its undo', () => {
  const changes = fc.record(
    {
      port: fc.integer({ min: 1, max: 65_535 }).map(String),
      user: fc.constantFrom('admin', 'deploy2', 'ops'),
      roles: fc.subarray(['app', 'db', 'mail', 'cache'], { minLength: 1 }).map((roles) => `"${roles.join(', ')}"`),
      sudo: fc.constantFrom('root', 'app'),
      base: fc.constantFrom('/srv/jobs', '/var/tmp/elsewhere'),
      disruptive_at_once: fc.integer({ min: 1, max: 20 }).map(String),
    },
    { requiredKeys: [] },
  );

  it('give the same document, whatever was changed, and the undo can be undone', () => {
    let undone = 0;
    fc.assert(
      fc.property(changes, fc.constantFrom('app1', 'beta1'), (set, name) => {
        const typed = Object.entries(set).map(([key, value]) => `${key} ${value}`);
        const plan = commandOf('host edit').plan(facts(), { host: name, changes: typed.join(' ') || 'port 22' });
        if (!plan.ok) return;
        const operation = '7k3m9q2x';
        expect(isUndoable(plan.value)).toBe(true);
        const after = carriedOut(plan.value);
        const [before, later] = [findThing(document, 'host', name), findThing(after, 'host', name)];
        const undo = planOf('undo', { operation }, { document: after, changes: [{ operation, before, after: later }] });
        const back = carriedOut(undo, after);
        expect(findThing(back, 'host', name)).toEqual(before);
        const redo = [{ operation, before: later, after: before }];
        expect(
          findThing(carriedOut(planOf('undo', { operation }, { document: back, changes: redo }), back), 'host', name),
        ).toEqual(later);
        undone += 1;
      }),
    );
    expect(undone).toBeGreaterThan(20);
  });

  it('is refused for what was added, and once something came after it', () => {
    const after = findThing(document, 'host', 'app1');
    const added = [{ operation: '7k3m9q2x', before: null, after }];
    expect(refusalOf('undo', { operation: '7k3m9q2x' }, { changes: added })).toContain('not_supported');
    expect(refusalOf('undo', { operation: '7k3m9q2x' })).toContain('not_supported');
    const old = carriedOut(planOf('host edit', { host: 'app1', changes: 'port 2222' }));
    const stale = [{ operation: '7k3m9q2x', before: after, after: findThing(old, 'host', 'app1') }];
    expect(refusalOf('undo', { operation: '7k3m9q2x' }, { changes: stale })).toContain('has been changed since');
  });
});
