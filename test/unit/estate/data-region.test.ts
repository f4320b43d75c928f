import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DataPlace, mayCross } from '../../../src/estate/data-region.ts';

const place = fc.record<DataPlace>({
  site: fc.constantFrom('acme', 'blue'),
  production: fc.boolean(),
  cluster: fc.constantFrom('main', 'beta'),
  region: fc.constantFrom(null, 'de', 'us'),
});

describe('R78 whether data may go from one site to another', () => {
  it.each<[string | null, string | null, string, string]>([
    ['de', 'de', 'beta', 'free'],
    ['de', 'us', 'main', 'asked'],
    ['de', null, 'beta', 'asked'],
    [null, 'de', 'beta', 'asked'],
    [null, null, 'beta', 'asked'],
    [null, null, 'main', 'free'],
    ['de', null, 'main', 'asked'],
  ])('from %s to %s in the cluster %s is %s', (from, to, cluster, expected) => {
    const crossing = mayCross(
      { site: 'acme', production: false, cluster: 'main', region: from },
      { site: 'blue', production: false, cluster, region: to },
    );
    expect(crossing.kind === 'free' ? 'free' : 'asked').toBe(expected);
  });

  it('production’s data never leaves its region without the quorum, and each approval says why', () => {
    fc.assert(
      fc.property(place, place, (from, to) => {
        const crossing = mayCross(from, to);
        const same = from.region !== null && from.region === to.region;
        if (same) expect(crossing).toEqual({ kind: 'free' });
        if (from.region !== to.region) expect(crossing.kind).toBe('approval');
        if (crossing.kind === 'free') return;
        expect(crossing.quorum).toBe(from.production);
        expect(crossing.why).toContain(`from ${from.site} (${from.region ?? 'region not said'})`);
        expect(crossing.why).toContain(`to ${to.site} (${to.region ?? 'region not said'})`);
      }),
    );
  });
});
