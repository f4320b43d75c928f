import { describe, expect, it } from 'vitest';
import { type AuditRow, hashOf, NO_ROW, type PostedHead, verifyChain } from '../../../src/operations/audit.ts';

/** A chain of so many rows. */
function chain(length: number): AuditRow[] {
  const rows: AuditRow[] = [];
  for (let seq = 1; seq <= length; seq += 1) {
    const row = {
      seq,
      at: `2026-11-21T09:30:00.${String(seq).padStart(6, '0')}`,
      actor: 'U0REQ',
      action: 'operation.requested',
      subject: `Üser "${seq}"\\\n\u0001`,
      data: `{"n": ${seq}}`,
      previous: rows.at(-1)?.hash ?? NO_ROW,
    };
    rows.push({ ...row, hash: hashOf(row) });
  }
  return rows;
}
const rows = chain(10);
const hash = (seq: number) => rows[seq - 1]?.hash ?? '';
const without = (seq: number) => rows.filter((row) => row.seq !== seq);
const changed = (seq: number, change: Partial<AuditRow>) =>
  rows.map((row) => (row.seq === seq ? { ...row, ...change } : row));
const swapped = rows.map((row) =>
  row.seq === 6 ? { ...row, ...rows[6], seq: 6 } : row.seq === 7 ? { ...row, ...rows[5], seq: 7 } : row,
);
const posted = (n: number): PostedHead => ({ rows: n, head: hash(n) });

describe('the chain of the audit log', () => {
  it.each<[string, AuditRow[], PostedHead | null, object]>([
    ['whole', rows, null, { kind: 'intact', first: 1, rows: 10, head: hash(10) }],
    ['empty', [], null, { kind: 'intact', first: 1, rows: 0, head: NO_ROW }],
    ['of the newer rows', rows.slice(4), null, { kind: 'intact', first: 5, rows: 6, head: hash(10) }],
    ['with its own head', rows, posted(10), { kind: 'intact' }],
    ['with an earlier head', rows, posted(4), { kind: 'intact' }],
    ['without a row', without(4), null, { kind: 'broken', seq: 4, why: 'row 4 is missing' }],
    ['without two rows in the middle', rows.filter((row) => row.seq < 4 || row.seq > 5), null, { seq: 4 }],
    ['with a changed actor', changed(5, { actor: 'U0EVIL' }), null, { seq: 5, why: 'row 5 was changed' }],
    ['with changed data', changed(5, { data: '{"n":5}' }), null, { seq: 5, why: 'row 5 was changed' }],
    ['with a changed time', changed(5, { at: '2026-11-20T09:30:00.000005' }), null, { seq: 5 }],
    ['with two rows in each other’s place', swapped, null, { seq: 6, why: expect.stringContaining('does not follow') }],
    [
      'with a cut tail against a posted head',
      rows.slice(0, 7),
      posted(10),
      {
        kind: 'broken',
        seq: 8,
        why: 'the end is cut off: rows 8 to 10 are missing, 10 rows were posted and 7 are there',
      },
    ],
    ['without its last row', rows.slice(0, 9), posted(10), { why: expect.stringContaining('row 10 is missing') }],
    ['emptied', [], posted(10), { seq: 1, why: expect.stringContaining('rows 1 to 10 are missing') }],
    [
      'written anew with right hashes',
      chain(12).map((row) => row),
      { rows: 10, head: 'f'.repeat(64) },
      { seq: 10, why: 'row 10 is not the one whose hash was posted' },
    ],
    ['of newer rows than the posted one', rows.slice(6), posted(3), { seq: 3, why: expect.stringContaining('begin') }],
  ])('%s', async (_name, given, head, verdict) => {
    expect(await verifyChain(given, 'excerpt', head)).toMatchObject(verdict);
  });

  it('of the log itself begins with its first row, whatever was taken from there', async () => {
    expect(await verifyChain(rows, 'log', posted(4))).toMatchObject({ kind: 'intact', rows: 10 });
    for (const from of [1, 4, 9])
      expect(await verifyChain(rows.slice(from), 'log')).toEqual({ kind: 'broken', seq: 1, why: 'row 1 is missing' });
  });

  it('covers each column: no other row has the same hash', () => {
    const [row] = rows;
    if (!row) throw new Error('no row');
    const others = [
      { seq: 2 },
      { at: 'x' },
      { actor: 'x' },
      { action: 'x' },
      { subject: 'x' },
      { data: 'x' },
      { previous: 'x' },
    ];
    const hashes = others.map((change) => hashOf({ ...row, ...change }));
    expect(new Set([row.hash, ...hashes]).size).toBe(8);
  });
});
