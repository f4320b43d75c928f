import type { ShippedFile } from '../../estate/release-manifest.ts';
import type { ReleaseName } from '../../estate/release-name.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { newOperationId } from '../../kernel/ids.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { FoundFile, ReleaseBook, ReleaseCopy, ReleaseRecord } from '../../operations/releases/ports.ts';
import { appendAudit } from './audit-store.ts';
import { type Client, inTransaction, type Pool, type Queryable } from './pool.ts';

interface ReleaseRow {
  readonly id: string;
  readonly product: string;
  readonly version: string;
  readonly file_name: string;
  readonly size: number;
  readonly sha256: string;
  readonly source: string;
  readonly manifest: boolean;
  readonly added_at: Date;
  readonly added_by: string;
}

interface CopyRow {
  readonly release: string;
  readonly place: string;
  readonly machine: string;
  readonly path: string;
  readonly verified_at: Date;
  readonly problem: string | null;
}

/** Taken by whoever adds or removes one, so that neither happens in the midst of the other. */
const LOCK = `select pg_advisory_xact_lock(hashtextextended('twokey.release', 0))`;
/** How many files one statement writes. */
const BATCH = 5_000;

/** Releases in PostgreSQL; every replica sees the same, whoever holds a file. */
export class PostgresReleases implements ReleaseBook {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  list(): Promise<readonly ReleaseRecord[]> {
    return readReleases(this.#pool, null);
  }

  async files(id: string): Promise<readonly ShippedFile[]> {
    const { rows } = await this.#pool.query<ShippedFile>(
      'select path, size, sha256, link from twokey.release_file where release = $1 order by path',
      [id],
    );
    return rows;
  }

  async removedAt(place: string): Promise<readonly string[]> {
    const { rows } = await this.#pool.query<{ path: string }>(
      `select path from twokey.release_copy join twokey.release on id = release
        where place = $1 and removed_at is not null`,
      [place],
    );
    return rows.map((row) => row.path);
  }

  async add(
    { product, version }: ReleaseName,
    file: FoundFile,
    source: string,
    by: string,
  ): Promise<Result<{ readonly release: ReleaseRecord; readonly fresh: boolean }, Refusal>> {
    return inTransaction(this.#pool, async (client) => {
      await client.query(LOCK);
      const there = (await readReleases(client, null)).find(
        (one) => one.product === product && one.version === version,
      );
      if (there && there.sha256 !== file.sha256)
        return err(
          refusal(
            'name_taken',
            `${product} ${version} is there already, with other content: SHA-256 ${there.sha256} there, ${file.sha256} here.`,
            `Find out which of them the vendor gave out. \`release remove ${version}\` takes the old one away.`,
          ),
        );
      const id = there?.id ?? newOperationId();
      if (!there)
        await client.query(
          `insert into twokey.release (id, product, version, file_name, size, sha256, source, manifest, added_by)
           values ($1, $2, $3, $4, $5, $6, $7, false, $8)`,
          [id, product, version, file.fileName, file.size, file.sha256, source, by],
        );
      if (file.files && !there?.manifest) await writeFiles(client, id, file.files);
      await client.query(
        `insert into twokey.release_copy (release, place, machine, path) values ($1, $2, $3, $4)
         on conflict (release, place) do update set machine = excluded.machine, path = excluded.path,
           verified_at = clock_timestamp(), problem = null`,
        [id, file.place, file.machine, file.path],
      );
      await appendAudit(client, {
        actor: by,
        action: there ? 'release.copied' : 'release.added',
        subject: id,
        data: { product, version, sha256: file.sha256, size: file.size, source, place: file.place, path: file.path },
      });
      const [release] = await readReleases(client, id);
      if (!release) throw new Error('the release was not recorded');
      return ok({ release, fresh: !there });
    });
  }

  async noteVerified(id: string, place: string, problem: string | null, by: string): Promise<void> {
    await inTransaction(this.#pool, async (client) => {
      await client.query(
        `update twokey.release_copy set verified_at = clock_timestamp(), problem = $3 where release = $1 and place = $2`,
        [id, place, problem],
      );
      await appendAudit(client, { actor: by, action: 'release.verified', subject: id, data: { place, problem } });
    });
  }

  async remove(id: string, by: string): Promise<Result<true, Refusal>> {
    return inTransaction(this.#pool, async (client) => {
      await client.query(LOCK);
      const { rowCount } = await client.query(
        'update twokey.release set removed_at = clock_timestamp(), removed_by = $2 where id = $1 and removed_at is null',
        [id, by],
      );
      if (rowCount !== 1) return err(refusal('unknown_release', 'That release is not there any more.'));
      await appendAudit(client, { actor: by, action: 'release.removed', subject: id, data: {} });
      return ok(true);
    });
  }
}

async function readReleases(db: Queryable, id: string | null): Promise<readonly ReleaseRecord[]> {
  const { rows } = await db.query<ReleaseRow>(
    `select * from twokey.release where removed_at is null and id = coalesce($1, id) order by product, added_at desc, id`,
    [id],
  );
  const copies = await db.query<CopyRow>(
    'select * from twokey.release_copy where release = any($1) order by added_at, place',
    [rows.map((row) => row.id)],
  );
  return rows.map((row) => ({
    id: row.id,
    product: row.product,
    version: row.version,
    fileName: row.file_name,
    size: row.size,
    sha256: row.sha256,
    source: row.source,
    manifest: row.manifest,
    addedAt: row.added_at,
    addedBy: row.added_by,
    copies: copies.rows.filter((copy) => copy.release === row.id).map(toCopy),
  }));
}

function toCopy({ place, machine, path, verified_at, problem }: CopyRow): ReleaseCopy {
  return { place, machine, path, verifiedAt: verified_at, problem };
}

async function writeFiles(client: Client, id: string, files: readonly ShippedFile[]): Promise<void> {
  for (let at = 0; at < files.length; at += BATCH) {
    const some = files.slice(at, at + BATCH);
    await client.query(
      `insert into twokey.release_file (release, path, size, sha256, link)
       select $1, * from unnest($2::text[], $3::bigint[], $4::text[], $5::text[])`,
      [
        id,
        some.map((one) => one.path),
        some.map((one) => one.size),
        some.map((one) => one.sha256),
        some.map((one) => one.link),
      ],
    );
  }
  await client.query('update twokey.release set manifest = true where id = $1', [id]);
}
