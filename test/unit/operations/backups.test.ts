import { describe, expect, it } from 'vitest';
import { hasFreshBackup } from '../../../src/operations/backups.ts';

const HOUR = 3_600_000;
const at = (hours: number) => new Date(1_800_000_000_000 + hours * HOUR);
const fresh = (now: number, askedAt: number, ...verified: number[]) =>
  hasFreshBackup({ now: at(now), askedAt: at(askedAt), verified: verified.map(at) }, 24 * HOUR);

describe('R24 a fresh backup', () => {
  it('is verified and younger than the policy says', () => {
    expect(fresh(100, 100)).toBe(false);
    expect(fresh(100, 100, 99)).toBe(true);
    expect(fresh(100, 100, 76)).toBe(true);
    expect(fresh(100, 100, 75.9)).toBe(false);
  });

  it('P2 does not void an approval by being made meanwhile: a plan that takes one goes on taking one', () => {
    expect(fresh(110, 100, 105)).toBe(false);
    expect(fresh(110, 100, 105, 50)).toBe(false);
  });

  it('has to be fresh at the start as well, that one or a later one', () => {
    expect(fresh(110, 100, 80)).toBe(false);
    expect(fresh(110, 100, 109, 80)).toBe(true);
    expect(fresh(110, 100, 90)).toBe(true);
  });
});
