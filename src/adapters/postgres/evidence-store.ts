import { createHash } from 'node:crypto';
import { sha256 } from '../../kernel/ids.ts';
import { NO_ROW } from '../../operations/audit.ts';
import { buildEvidence, type EvidenceFile, type Generation, type JobEvidence } from '../../operations/evidence.ts';
import { auditAbout, auditHead } from './audit-reader.ts';
import { appendAudit } from './audit-store.ts';
import { PostgresJournal } from './journal.ts';
import { readView } from './operation-view.ts';
import type { Pool } from './pool.ts';

const READ_BYTES = 1_000_000;

/** Puts the evidence of an operation together and notes who got it; null when there is no such operation. */
export async function makeEvidence(pool: Pool, operation: string, actor: string): Promise<EvidenceFile | null> {
  const view = await readView(pool, operation);
  if (!view) return null;
  const [generations, jobs, audit, head] = await Promise.all([
    readGenerations(pool, operation),
    readJobs(pool, operation),
    auditAbout(pool, operation),
    auditHead(pool),
  ]);
  const document = buildEvidence({ view, generations, jobs, audit, head: head ?? { rows: 0, head: NO_ROW } });
  const text = `${JSON.stringify(document, null, 2)}\n`;
  const file = { name: `twokey-evidence-${operation}.json`, text, sha256: sha256(text) };
  await appendAudit(pool, {
    actor,
    action: 'evidence.given',
    subject: operation,
    data: { sha256: file.sha256, bytes: Buffer.byteLength(text) },
  });
  return file;
}

async function readGenerations(pool: Pool, operation: string): Promise<Generation[]> {
  const { rows } = await pool.query<Omit<Generation, 'planHash'> & { plan_hash: string }>(
    'select generation, at, plan_hash, quorum, verdict, plan from twokey.generation where operation = $1 order by generation',
    [operation],
  );
  return rows.map(({ plan_hash: planHash, ...rest }) => ({ ...rest, planHash }));
}

async function readJobs(pool: Pool, operation: string): Promise<JobEvidence[]> {
  const { rows } = await pool.query<{
    jid: string;
    n: number;
    host: string;
    created_at: Date;
    sha256: string | null;
    body: string | null;
  }>(
    `select j.jid, j.n, j.host, j.created_at, s.sha256, s.body from twokey.job j left join twokey.script s on s.sha256 = j.script
      where j.operation = $1 order by j.n, j.created_at`,
    [operation],
  );
  const journal = new PostgresJournal(pool);
  const jobs: JobEvidence[] = [];
  for (const row of rows) {
    jobs.push({
      jid: row.jid,
      n: row.n,
      host: row.host,
      createdAt: row.created_at,
      script: row.sha256 === null || row.body === null ? null : { sha256: row.sha256, body: row.body },
      output: await digest(journal, row.jid),
    });
  }
  return jobs;
}

async function digest(journal: PostgresJournal, jid: string): Promise<JobEvidence['output']> {
  const hash = createHash('sha256');
  let bytes = 0;
  for (;;) {
    const piece = await journal.read(jid, bytes, READ_BYTES);
    if (piece.length === 0) return { bytes, sha256: hash.digest('hex') };
    hash.update(piece);
    bytes += piece.length;
  }
}
