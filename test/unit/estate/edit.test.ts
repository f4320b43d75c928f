import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffEstate, diffInWords, mergeEstate } from '../../../src/estate/diff.ts';
import { applyEdit, type Edit } from '../../../src/estate/edit.ts';
import { changeFields, keysOf, knownKey } from '../../../src/estate/fields.ts';
import { flatten, unflatten } from '../../../src/estate/flat.ts';
import { hostKeyInWords, readKeyLine } from '../../../src/estate/host-key.ts';
import { ABSENT, findThing, hashThing, type ThingKind } from '../../../src/estate/thing.ts';
import { type EstateDocument, estateDocument, hostDocument, siteDocument } from '../../../src/estate/types.ts';
import { hostInput, siteInput } from '../../support/builders.ts';

const document = estateDocument.parse({
  clusters: [
    {
      name: 'main',
      hosts: [
        hostInput('bastion', { roles: ['proxy'] }),
        hostInput('app1', { jump: 'bastion', roles: ['app'] }),
        hostInput('db1', { roles: ['db'] }),
      ],
      sites: [siteInput('acme', 'app1', { database: { host: 'db1.example.com', name: 'app', user: 'backup' } })],
    },
    { name: 'empty', hosts: [hostInput('idle')] },
  ],
});
const thing = (kind: ThingKind, name: string, from: EstateDocument = document) => {
  const found = findThing(from, kind, name);
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
};
const removal = (kind: ThingKind, name: string): Edit => ({
  act: 'remove',
  kind,
  name,
  before: hashThing(findThing(document, kind, name)),
});
const put = (kind: ThingKind, name: string, change: object): Edit => {
  const old = thing(kind, name);
  return {
    act: 'put',
    before: hashThing(old),
    thing: { ...old, document: { ...old.document, ...change } } as typeof old,
  };
};
const outcome = (edit: Edit, on = document) => {
  const after = applyEdit(on, edit);
  return after.ok ? after.value : `${after.error.code}: ${after.error.message}`;
};

describe('what cannot be removed', () => {
  it.each<[ThingKind, string, string]>([
    ['host', 'app1', 'still_needed: Sites run on app1: acme.'],
    ['host', 'db1', 'still_needed: The databases of these sites are on db1: acme.'],
    ['host', 'bastion', 'still_needed: These hosts are reached over bastion: app1.'],
    ['cluster', 'main', 'still_needed: The cluster main still has sites: acme.'],
    ['host', 'nobody', 'unknown_host: There is no host "nobody".'],
    ['site', 'nobody', 'unknown_site: There is no site "nobody".'],
    ['cluster', 'nobody', 'unknown_cluster: There is no cluster "nobody".'],
  ])('the %s %s, and why', (kind, name, why) => {
    expect(outcome(removal(kind, name))).toBe(why);
  });

  it('is the last host of a role that a site needs, also by an edit of its roles', () => {
    const old = thing('site', 'acme');
    if (old.kind !== 'site') throw new Error('no site');
    const local = { ...old, document: { ...old.document, database: { ...old.document.database, host: '127.0.0.1' } } };
    const moved = applyEdit(document, { act: 'put', before: hashThing(old), thing: local });
    if (!moved.ok) throw new Error(moved.error.message);
    const last = { act: 'remove', kind: 'host', name: 'db1', before: hashThing(thing('host', 'db1')) } as const;
    expect(outcome(last, moved.value)).toContain('db1 is the last host of the role db in the cluster main');
    expect(outcome(put('host', 'db1', { roles: ['mail'] }))).toContain('last host of the role db');
    expect(outcome(put('host', 'db1', { roles: ['db', 'mail'] }))).toBeTypeOf('object');
  });
});

describe('an edit', () => {
  it('R1 of a site leaves its cluster', () => {
    const after = outcome(removal('site', 'acme'));
    expect(after).toMatchObject({ clusters: [{ name: 'main', sites: [] }, { name: 'empty' }] });
  });

  it('removes an empty cluster with its hosts, and puts it back as it was', () => {
    const after = applyEdit(document, removal('cluster', 'empty'));
    if (!after.ok) throw new Error(after.error.message);
    expect(after.value.clusters.map((one) => one.name)).toEqual(['main']);
    const back = { act: 'restore', removal: '7k3m9q2x', thing: thing('cluster', 'empty') } as const;
    expect(outcome(back, after.value)).toEqual(document);
    expect(outcome(back)).toBe('name_taken: There is a cluster "empty" already.');
  });

  it('P2 is refused when somebody else has changed what it replaces', () => {
    const first = put('host', 'db1', { port: 2222 });
    const after = applyEdit(document, put('host', 'db1', { port: 2200 }));
    if (!after.ok) throw new Error(after.error.message);
    expect(outcome(first, after.value)).toBe('drift: Somebody else has changed the host db1 meanwhile.');
    const fresh = { act: 'put', before: ABSENT, thing: thing('host', 'db1') } as const;
    expect(outcome(fresh)).toBe('name_taken: There is a host "db1" already.');
  });

  it('that would leave no sense is refused: no such host, a circle of bastions, no such cluster', () => {
    expect(outcome(put('site', 'acme', { host: 'gone' }))).toContain('names the host "gone", which is not there');
    expect(outcome(put('host', 'bastion', { jump: 'app1' }))).toContain('go round in a circle');
    const lost = { ...thing('host', 'idle'), name: 'new', cluster: 'nowhere' };
    expect(outcome({ act: 'put', before: ABSENT, thing: lost })).toBe(
      'unknown_cluster: There is no cluster "nowhere".',
    );
  });
});

describe('fields as people type them', () => {
  const old = thing('site', 'acme').document;
  const changed = (set: Record<string, string>, unset: string[] = []) => {
    const after = changeFields(siteDocument, old, { set, unset });
    return after.ok ? after.value : after.error.message;
  };

  it('become numbers and lists where the schema wants them', () => {
    expect(changed({ 'database.port': '5433', 'database.must_have_tables': 'users, projects' })).toMatchObject({
      database: { port: 5433, must_have_tables: ['users', 'projects'], name: 'app' },
    });
    expect(changed({ version: '9' })).toMatchObject({ version: '9' });
  });

  it('are refused by name when they are not right', () => {
    expect(changed({ 'database.port': 'high' })).toContain('database.port:');
    expect(changed({ 'database.port': '70000', site_dir: '../x' })).toMatch(/site_dir: .*database\.port: /);
    expect(changed({}, ['version'])).toContain('version:');
  });

  it('go back to their default when they are left out', () => {
    expect(changed({}, ['database.port'])).toMatchObject({ database: { port: 5432 } });
  });

  it('are known by the schema alone, with the nearest for a mistyped one', () => {
    expect(keysOf(siteDocument)).toEqual(expect.arrayContaining(['version', 'data_region', 'database.bin_dir']));
    expect(keysOf(hostDocument)).toEqual(expect.arrayContaining(['port', 'host_keys', 'jump']));
    expect(knownKey('verison', keysOf(siteDocument), {})?.message).toContain('Did you mean `version`?');
    expect(knownKey('name', ['name'], { name: 'Add it anew.' })?.next).toBe('Add it anew.');
    expect(knownKey('version', keysOf(siteDocument), {})).toBeNull();
  });
});

describe('a document made flat', () => {
  it('comes back as it was, whatever its keys are', () => {
    const value = fc.letrec((tie) => ({
      leaf: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string())),
      tree: fc.dictionary(
        fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
        fc.oneof({ maxDepth: 3 }, tie('leaf'), tie('tree')),
      ),
    }));
    fc.assert(
      fc.property(value.tree, (tree) => {
        expect(JSON.parse(JSON.stringify(unflatten(flatten(tree))))).toEqual(JSON.parse(JSON.stringify(tree)));
      }),
    );
  });
});

describe('a file that is to be imported', () => {
  const file = estateDocument.parse({
    clusters: [
      {
        name: 'main',
        data_region: 'de',
        hosts: [
          hostInput('db1', { roles: ['db'] }),
          hostInput('app1', { port: 2222, jump: 'bastion', roles: ['app'] }),
        ],
        sites: [siteInput('fresh', 'db1')],
      },
    ],
  });

  it('is compared thing by thing and field by field, and removes nothing', () => {
    const words = diffInWords(diffEstate(document, file));
    const [first, ...rest] = words.split('\n');
    expect(first).toBe('+ site fresh');
    expect(rest.slice(0, 4)).toEqual([
      '    cluster: main',
      '    environment: production',
      '    profile: script',
      '    host: db1',
    ]);
    expect(rest.slice(rest.indexOf('~ cluster main'))).toEqual([
      '~ cluster main',
      '    data_region: (none) → de',
      '~ host app1',
      '    port: 22 → 2222',
      'unchanged: host db1',
      'only in the database, and staying there: host bastion, site acme, cluster empty, host idle',
    ]);
    expect(diffInWords(diffEstate(document, document))).toContain('nothing would change');
  });

  it('is merged so that nothing that is only there goes', () => {
    const merged = mergeEstate(document, file);
    expect(diffEstate(merged, document).added).toEqual([]);
    expect(diffEstate(merged, file)).toMatchObject({ added: [], changed: [] });
    expect(mergeEstate(document, { clusters: [] })).toEqual(document);
  });

  it('R78 may tag clusters and sites with a region, and nothing else that is not known', () => {
    expect(estateDocument.safeParse({ clusters: [{ name: 'a', data_region: 'eu-central-1' }] }).success).toBe(true);
    expect(estateDocument.safeParse({ clusters: [{ name: 'a', data_region: 'Germany!' }] }).success).toBe(false);
    expect(estateDocument.safeParse({ clusters: [{ name: 'a', region: 'de' }] }).success).toBe(false);
  });
});

it('a key line is told as ssh-keygen does', () => {
  // The fingerprint is the one that `ssh-keygen -lf` prints for this key of GitHub's published list.
  const line = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl comment';
  expect(hostKeyInWords(readKeyLine(line))).toBe('ssh-ed25519 SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU');
  expect(readKeyLine(line).line.split(' ')).toHaveLength(2);
});
