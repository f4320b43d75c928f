import type { Journal } from '../../operations/book.ts';
import { NOTICE_CHANNEL } from './notify.ts';
import type { Pool } from './pool.ts';

/** The stored output of jobs, byte for byte. */
export class PostgresJournal implements Journal {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async size(jid: string): Promise<number> {
    const { rows } = await this.#pool.query<{ stored_bytes: number }>(
      'select stored_bytes from twokey.job where jid = $1',
      [jid],
    );
    return rows[0]?.stored_bytes ?? 0;
  }

  /**
   * Stores bytes that follow exactly at `offset`; the new size and the bytes are one transaction, so nothing is stored
   * twice and nothing is missing, whoever else is writing and whenever this process dies.
   */
  async append(jid: string, offset: number, bytes: Uint8Array): Promise<boolean> {
    // One statement is one transaction and one round trip; a command that floods is waited for once a chunk.
    const { rowCount } = await this.#pool.query(
      `with moved as (
         update twokey.job set stored_bytes = stored_bytes + $3 where jid = $1 and stored_bytes = $2 returning operation
       ), stored as (
         insert into twokey.chunk (jid, start, bytes, lines) select $1, $2, $4, $5 from moved
       )
       select pg_notify($6, 'output ' || operation) from moved`,
      [
        jid,
        offset,
        bytes.length,
        Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        countLines(bytes),
        NOTICE_CHANNEL,
      ],
    );
    return rowCount === 1;
  }

  /** The start of the last chunk at or before `at`, and the lines in the chunks from `from` (a chunk's start) up to it. */
  async linesBetween(
    jid: string,
    from: number,
    at: number,
  ): Promise<{ readonly start: number; readonly lines: number }> {
    const { rows } = await this.#pool.query<{ start: number; lines: number }>(
      `select coalesce(max(start), $2::bigint) as start, coalesce(sum(lines) filter (where start < (
           select max(start) from twokey.chunk where jid = $1 and start <= $3)), 0)::int as lines
         from twokey.chunk where jid = $1 and start >= $2 and start <= $3`,
      [jid, from, at],
    );
    return rows[0] ?? { start: from, lines: 0 };
  }

  async read(jid: string, start: number, limit: number): Promise<Uint8Array> {
    const { rows } = await this.#pool.query<{ start: number }>(
      'select start from twokey.chunk where jid = $1 and start <= $2 order by start desc limit 1',
      [jid, start],
    );
    const [first] = rows;
    if (!first) return new Uint8Array(0);
    // Never in binary format: the driver reads every value as UTF-8 first, which spoils a character cut by a chunk's end.
    const chunks = await this.#pool.query<{ bytes: Buffer }>(
      'select bytes from twokey.chunk where jid = $1 and start >= $2 and start < $3 order by start',
      [jid, first.start, start + limit],
    );
    const all = chunks.rows.length === 1 ? chunks.rows[0]?.bytes : Buffer.concat(chunks.rows.map((row) => row.bytes));
    return (all ?? Buffer.alloc(0)).subarray(start - first.start, start - first.start + limit);
  }
}

/** Line feeds in a piece of output. */
export function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) lines += 1;
  return lines;
}
