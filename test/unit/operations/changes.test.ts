import { describe, expect, it } from 'vitest';
import { changedKeys, holderChanges, keyHashes } from '../../../src/operations/changes.ts';

describe('what changed between two starts', () => {
  it('names new, lost and different parts of the configuration, and keeps only hashes', () => {
    const before = keyHashes({ slack: { command: '/ops' }, roles: { admin: ['U0ADM'] }, old: 1 });
    const after = keyHashes({ slack: { command: '/ops' }, roles: { admin: [] }, fresh: 2 });
    expect(changedKeys(before, after)).toEqual(['fresh', 'old', 'roles']);
    expect(changedKeys(before, before)).toEqual([]);
    expect(JSON.stringify(before)).not.toContain('U0ADM');
  });

  it('does not mind the order in which keys are written', () => {
    expect(keyHashes({ a: { x: 1, y: 2 } })).toEqual(keyHashes({ a: { y: 2, x: 1 } }));
  });

  it('says who gained and who lost which role', () => {
    expect(holderChanges({ admin: ['A'], viewer: ['V'] }, { admin: ['A', 'C', 'B'], viewer: [] })).toEqual({
      added: { admin: ['B', 'C'] },
      removed: { viewer: ['V'] },
    });
    expect(holderChanges({ admin: ['A', 'B'] }, { admin: ['B', 'A'], viewer: [] })).toBeNull();
    expect(holderChanges({}, { admin: ['A'] })).toEqual({ added: { admin: ['A'] }, removed: {} });
  });
});
