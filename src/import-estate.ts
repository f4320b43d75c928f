import { openDatabase } from './adapters/postgres/database.ts';
import { compareEstate, exportEstate, type ImportNote, importEstate } from './adapters/postgres/estate-store.ts';
import type { Pool } from './adapters/postgres/pool.ts';
import { readEnvironment } from './config/environment.ts';
import { diffInWords } from './estate/diff.ts';
import { licenceObjections } from './estate/licence.ts';
import { checkSiteProfiles, loadProfiles, type Profiles } from './estate/profile-load.ts';
import type { EstateDocument } from './estate/types.ts';
import { CodedError, type Refusal } from './kernel/errors.ts';

const ACTOR = 'command line';

/** A refusal at the command line ends it. */
export function raise({ code, message, next }: Refusal): never {
  throw new CodedError(code, message, { next });
}

/**
 * Says why sites need a reason that their licence does not cover, and answers what is noted of it with the import; null
 * for nothing. Throws CodedError licence_exceeded when the reason has to be given now and is not.
 */
function licenceNote(objections: readonly Refusal[], reason: string | undefined, writing: boolean): ImportNote | null {
  const [first] = objections;
  if (!first) return null;
  for (const { message } of objections) console.log(`WARNING: ${message}`);
  const given = reason?.trim().slice(0, 200) ?? '';
  if (!writing) {
    if (given === '') console.log('With --yes it also needs --reason "who agreed to the fee".');
    return null;
  }
  if (given === '') raise(first);
  return { action: 'licence.exceeded', data: { reason: given, objections: objections.map((one) => one.message) } };
}

/** The words of an importer by its options; null when they make no sense, or name nothing to import. */
export function readWords<T extends { readonly positionals: readonly string[] }>(
  words: readonly string[],
  options: (words: readonly string[]) => T,
): T | null {
  try {
    const parsed = options(words);
    return parsed.positionals.length === 0 ? null : parsed;
  } catch {
    return null;
  }
}

/** Whether to write it, and who agreed to what a licence does not cover. */
interface How {
  readonly yes: boolean;
  readonly reason: string | undefined;
}

/**
 * Shows what a document would change in the estate as it stands (`before`), and writes it when `yes`. Answers the exit code.
 * Throws CodedError unknown_profile and licence_exceeded.
 */
export async function importDocument(
  pool: Pool,
  its: {
    readonly before: EstateDocument;
    readonly document: EstateDocument;
    /** Told after what would change, line by line. */
    readonly remarks: readonly string[];
    readonly profiles: Profiles;
  },
  { yes, reason }: How,
): Promise<number> {
  const { before, document, remarks, profiles } = its;
  const known = checkSiteProfiles(document, profiles);
  if (!known.ok) raise(known.error);
  console.log([diffInWords(await compareEstate(pool, document)), ...remarks].join('\n'));
  const note = licenceNote(licenceObjections(before, document, profiles), reason, yes);
  if (!yes) {
    console.log('Nothing was changed. Add --yes to import.');
    return 0;
  }
  await importEstate(pool, document, ACTOR, note);
  console.log('imported');
  return 0;
}

/** What an importer read out of foreign files. */
export interface Reading {
  /** Null when there is nothing that could be written. */
  readonly document: EstateDocument | null;
  /** What people have to know or do, line by line; told after what would change. */
  readonly remarks: readonly string[];
}

/** What a cluster says of itself stays: foreign files know nothing of it. */
function withOwnWords(before: EstateDocument, document: EstateDocument): EstateDocument {
  const there = new Map(before.clusters.map(({ hosts: _hosts, sites: _sites, ...own }) => [own.name, own]));
  return { clusters: document.clusters.map((cluster) => ({ ...there.get(cluster.name), ...cluster })) };
}

/**
 * The way of every importer: shows what would change, and writes it when `yes`. Answers the exit code: 1 when nothing can
 * be imported yet. `read` gets the estate as it stands.
 */
export async function importReading(how: How, read: (before: EstateDocument) => Promise<Reading>): Promise<number> {
  const env = readEnvironment();
  const { pool } = await openDatabase(env.databaseUrl, env.home, () => undefined);
  try {
    const before = await exportEstate(pool);
    const { document: found, remarks } = await read(before);
    const document = found && withOwnWords(before, found);
    if (document === null) {
      console.log([...remarks, 'Nothing can be imported yet.'].join('\n'));
      return 1;
    }
    return await importDocument(pool, { before, document, remarks, profiles: loadProfiles(env.home) }, how);
  } finally {
    await pool.end();
  }
}
