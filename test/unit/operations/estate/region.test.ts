import { describe, expect, it } from 'vitest';
import { applyEdit } from '../../../../src/estate/edit.ts';
import { findThing } from '../../../../src/estate/thing.ts';
import { type EstateDocument, estateDocument } from '../../../../src/estate/types.ts';
import { isUndoable, readEdit } from '../../../../src/operations/estate/encode.ts';
import { targetOfPlan } from '../../../../src/operations/estate/plan-edit.ts';
import { riskOf } from '../../../../src/operations/plan.ts';
import { hostInput, plannedStep, siteInput } from '../../../support/builders.ts';
import { carriedOut, planOf, refusalOf } from '../../../support/estate-plans.ts';

describe('R78 the region of data', () => {
  /** Clusters by their regions; a production site and a staging site on the first. */
  const regions = (main: string | null, beta: string | null, own: Record<string, unknown> = {}) => {
    const region = (data_region: string | null) => (data_region === null ? {} : { data_region });
    const sites = [siteInput('acme', 'app1', own), siteInput('blue', 'app1', { environment: 'staging', ...own })];
    return estateDocument.parse({
      clusters: [
        { name: 'main', ...region(main), hosts: [hostInput('app1'), hostInput('app2')], sites },
        { name: 'beta', ...region(beta), hosts: [hostInput('beta1')] },
      ],
    });
  };
  const move = (site: string, to: string, on: EstateDocument) =>
    planOf('site edit', { site, changes: `host ${to}` }, { document: on });

  it.each<[string, string | null, string | null, string, Record<string, unknown>, RegExp | null]>([
    ['within its cluster', 'de', 'us', 'app2', {}, null],
    ['within its cluster, of which nobody said a region', null, 'us', 'app2', {}, null],
    ['to a cluster of the same region', 'de', 'de', 'beta1', {}, null],
    ['with a region of its own', 'de', 'us', 'beta1', { data_region: 'de' }, null],
    ['to another region', 'de', 'us', 'beta1', {}, /ata would go from \w+ \(de\) to \w+ \(us\), another region/],
    ['to where nobody has said it', 'de', null, 'beta1', {}, /to \w+ \(region not said\): nobody has said/],
    ['between clusters without a region', null, null, 'beta1', {}, /nobody has said that this is one region/],
  ])('a site that moves %s', (_how, main, beta, to, own, why) => {
    const on = regions(main, beta, own);
    for (const site of ['acme', 'blue']) {
      const plan = move(site, to, on);
      expect(riskOf('routine', plan)).toBe(why === null ? 'routine' : 'disruptive');
      const told = plan.effects.filter((one) => /would go/.test(one));
      if (why === null) expect(told).toEqual([]);
      else expect(told).toEqual([expect.stringMatching(why)]);
      expect(told.some((one) => one.startsWith('Production data'))).toBe(why !== null && site === 'acme');
      expect(targetOfPlan(on, plan)?.asProduction).toBe(true);
    }
  });

  it('of a cluster is said, changed with an approval, and taken back by an undo', () => {
    const on = regions(null, null);
    const said = planOf('cluster edit', { cluster: 'main', changes: 'data_region de' }, { document: on });
    expect(said.effects).toEqual([
      'data_region: (none) → de',
      'Sites of this cluster: acme (production), blue (staging).',
      'Only the estate is changed; nothing is run on the hosts.',
    ]);
    expect(riskOf('routine', said)).toBe('routine');
    const after = carriedOut(said, on);
    expect(after).toEqual({ clusters: expect.arrayContaining(regions('de', null).clusters) });
    const change = {
      operation: '7k3m9q2x',
      before: findThing(on, 'cluster', 'main'),
      after: findThing(after, 'cluster', 'main'),
    };
    expect(isUndoable(said)).toBe(true);
    const undo = planOf('undo', { operation: change.operation }, { document: after, changes: [change] });
    expect(findThing(carriedOut(undo, after), 'cluster', 'main')).toEqual(change.before);
    expect(undo.steps[0]?.params.next).toContain('cluster show main');
    for (const plan of [
      undo,
      planOf('cluster edit', { cluster: 'main', changes: 'data-region us' }, { document: after }),
    ]) {
      expect(riskOf('routine', plan)).toBe('disruptive');
      expect(plan.effects.join(' ')).toContain('Production data would go from acme (de) to acme (');
    }
    const edit = (changes: string) => refusalOf('cluster edit', { cluster: 'main', changes }, { document: after });
    expect(edit('data_region Germany')).toContain('a region such as de');
    expect(edit('data_region de')).toContain('how it is already');
    expect(edit('name other')).toContain('keeps its name');
    expect(edit('region de')).toContain('There is no field');
    expect(refusalOf('cluster edit', { cluster: 'mian', changes: 'data_region de' })).toContain('Did you mean `main`?');
    // What somebody did to its hosts since is another matter, and stays.
    const rehosted = carriedOut(
      planOf('host edit', { host: 'app2', changes: 'port 2222' }, { document: after }),
      after,
    );
    const later = planOf('undo', { operation: change.operation }, { document: rehosted, changes: [change] });
    const back = carriedOut(later, rehosted);
    expect(findThing(back, 'cluster', 'main')).toMatchObject({ document: change.before?.document });
    expect(findThing(back, 'host', 'app2')).toEqual(findThing(rehosted, 'host', 'app2'));
    const again = planOf('cluster edit', { cluster: 'main', changes: 'data_region us' }, { document: rehosted });
    expect(
      refusalOf('undo', { operation: change.operation }, { document: carriedOut(again, rehosted), changes: [change] }),
    ).toContain('The cluster main has been changed since.');
    // A host that somebody changed meanwhile does not go back to what it was.
    const stale = readEdit(said.steps[0] ?? plannedStep());
    const moved = carriedOut(planOf('host edit', { host: 'app2', changes: 'port 2222' }, { document: on }), on);
    expect(stale && applyEdit(moved, stale)).toMatchObject({ ok: false, error: { code: 'drift' } });
  });

  it('of many sites is told of some', () => {
    const sites = Array.from({ length: 12 }, (_, n) => siteInput(`s${n}`, 'app1'));
    const on = estateDocument.parse({
      clusters: [{ name: 'main', data_region: 'de', hosts: [hostInput('app1')], sites }],
    });
    const plan = planOf('cluster edit', { cluster: 'main', changes: 'data_region us' }, { document: on });
    expect(plan.effects.at(-1)).toBe('The same holds for 7 more sites.');
  });
});
