import { z } from 'zod';
import { PATCH_KINDS } from '../../operations/patches/finding.ts';
import type { PatchBook } from '../../operations/patches/service.ts';
import type { Acknowledgement } from '../../operations/patches/verdict.ts';
import { appendAudit, storableText } from './audit-store.ts';
import { inTransaction, type Pool } from './pool.ts';

interface Row {
  readonly site: string;
  readonly product: string;
  readonly version: string;
  readonly release_sha256: string;
  readonly digest: string;
  readonly findings: unknown;
  readonly reason: string;
  readonly by_person: string;
  readonly at: Date;
}

const stored = z.array(
  z.strictObject({
    host: z.string(),
    path: z.string(),
    kind: z.enum(PATCH_KINDS),
    found: z.string().nullable(),
  }),
);
/** How many files the audit log names; the set's name stands for all of them. */
const AUDITED = 50;

function toAcknowledgement(row: Row): Acknowledgement {
  const { site, product, version, digest, reason, by_person: by, at } = row;
  const release = { product, version, sha256: row.release_sha256 };
  return { site, release, digest, findings: stored.parse(row.findings), reason, by, at };
}

/** Acknowledgements of local changes in PostgreSQL. */
export class PostgresPatches implements PatchBook {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async last(site: string): Promise<Acknowledgement | null> {
    const { rows } = await this.#pool.query<Row>(
      'select * from twokey.patch_acknowledgement where site = $1 order by id desc limit 1',
      [site],
    );
    return rows[0] ? toAcknowledgement(rows[0]) : null;
  }

  record(acknowledged: Omit<Acknowledgement, 'at'>): Promise<Acknowledgement> {
    const { site, release, digest, findings, by } = acknowledged;
    const reason = storableText(acknowledged.reason);
    return inTransaction(this.#pool, async (client) => {
      const { rows } = await client.query<Pick<Row, 'at'>>(
        `insert into twokey.patch_acknowledgement
           (site, product, version, release_sha256, digest, findings, reason, by_person)
         values ($1, $2, $3, $4, $5, $6, $7, $8) returning at`,
        [site, release.product, release.version, release.sha256, digest, JSON.stringify(findings), reason, by],
      );
      const [row] = rows;
      if (!row) throw new Error('the acknowledgement was not recorded');
      await appendAudit(client, {
        actor: by,
        action: 'patches.acknowledged',
        subject: site,
        data: { release, digest, reason, files: findings.length, first: findings.slice(0, AUDITED) },
      });
      return { ...acknowledged, reason, at: row.at };
    });
  }
}
