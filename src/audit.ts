import { createReadStream, createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { auditRows } from './adapters/postgres/audit-reader.ts';
import { type Database, openDatabase } from './adapters/postgres/database.ts';
import { makeEvidence } from './adapters/postgres/evidence-store.ts';
import { readEnvironment } from './config/environment.ts';
import { CodedError } from './kernel/errors.ts';
import { type AuditRow, type PostedHead, verifyChain } from './operations/audit.ts';

export const AUDIT_USAGE = `audit verify [--file FILE] [--head HASH --rows N] | audit export FILE [--since DATE] |
  evidence OPERATION FILE`;

const sha = z.string().regex(/^[0-9a-f]{64}$/);
const line = z.strictObject({
  seq: z.int(),
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  data: z.string(),
  previous: sha,
  hash: sha,
});
const date = z.iso.date().or(z.iso.datetime({ offset: true }));

/** `twokey audit …`: looks at the log or writes it out. Answers the exit code, null when the words make no sense. */
export async function auditTool(words: readonly string[]): Promise<number | null> {
  const asked = read(words);
  if (asked === null) return null;
  if (asked.verb === 'export') {
    const { file, since } = asked;
    return withDatabase(async ({ pool }) => {
      let rows = 0;
      async function* lines() {
        for await (const row of auditRows(pool, since)) {
          rows += 1;
          yield `${JSON.stringify(row)}\n`;
        }
      }
      await pipeline(Readable.from(lines()), createWriteStream(file));
      console.log(`${rows} rows written to ${file}`);
      return 0;
    });
  }
  const { file, posted } = asked;
  if (file !== null) return verify(fileRows(file), 'excerpt', posted);
  return withDatabase(({ pool }) => verify(auditRows(pool), 'log', posted));
}

/** `file` of a verification is an export to be looked at instead of the database. */
type Asked =
  | { readonly verb: 'export'; readonly file: string; readonly since: Date | null }
  | { readonly verb: 'verify'; readonly file: string | null; readonly posted: PostedHead | null };

function read(words: readonly string[]): Asked | null {
  let parsed: ReturnType<typeof options>;
  try {
    parsed = options(words);
  } catch {
    return null;
  }
  const { values, positionals } = parsed;
  const [verb, target, ...rest] = positionals;
  if (verb === 'export') {
    const known = values.file === undefined && values.head === undefined && values.rows === undefined;
    if (target === undefined || rest.length > 0 || !known) return null;
    if (values.since !== undefined && !date.safeParse(values.since).success)
      throw new CodedError('bad_arguments', `"${values.since}" is not a date such as 2026-11-21.`);
    return { verb, file: target, since: values.since === undefined ? null : new Date(values.since) };
  }
  if (verb !== 'verify' || target !== undefined || values.since !== undefined) return null;
  if ((values.head === undefined) !== (values.rows === undefined)) return null;
  const file = values.file ?? null;
  if (values.head === undefined) return { verb, file, posted: null };
  const posted = z.object({ head: sha, rows: z.coerce.number().int().min(1) }).safeParse(values);
  if (!posted.success)
    throw new CodedError('bad_arguments', 'A posted head is 64 hexadecimal digits, and the rows are a whole number.');
  return { verb, file, posted: posted.data };
}

function options(words: readonly string[]) {
  const text = { type: 'string' } as const;
  return parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { head: text, rows: text, file: text, since: text },
  });
}

async function verify(
  rows: AsyncIterable<AuditRow>,
  kind: 'log' | 'excerpt',
  posted: PostedHead | null,
): Promise<number> {
  const verdict = await verifyChain(rows, kind, posted);
  if (verdict.kind === 'broken') {
    console.error(`BROKEN at row ${verdict.seq}: ${verdict.why}`);
    return 1;
  }
  const excerpt = verdict.first === 1 ? '' : ` from row ${verdict.first} on`;
  console.log(`intact: ${verdict.rows} rows${excerpt}, head ${verdict.head}`);
  return 0;
}

async function* fileRows(file: string): AsyncGenerator<AuditRow> {
  let n = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    n += 1;
    if (text.trim() === '') continue;
    const row = line.safeParse(parsed(text));
    if (!row.success) throw new CodedError('bad_arguments', `Line ${n} of ${file} is not a row of an export.`);
    yield row.data;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** `twokey evidence <operation> FILE`: the evidence of an operation as a file. Answers the exit code, null for other words. */
export async function evidenceTool(words: readonly string[]): Promise<number | null> {
  const [operation, file, ...rest] = words;
  if (operation === undefined || file === undefined || rest.length > 0) return null;
  return withDatabase(async ({ pool }) => {
    const made = await makeEvidence(pool, operation, 'command line');
    if (!made) throw new CodedError('unknown_operation', `There is no operation "${operation}".`);
    await writeFile(file, made.text);
    console.log(`written to ${file}, sha256 ${made.sha256}`);
    return 0;
  });
}

/** Opens the database for one piece of work and closes it again. */
async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
  const env = readEnvironment();
  const database = await openDatabase(env.databaseUrl, env.home, () => undefined);
  try {
    return await work(database);
  } finally {
    await database.pool.end();
  }
}
