import { readFileSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inQuotes } from './estate/import/names.ts';
import { readSecCluster, type SecCluster } from './estate/import/sec-cluster.ts';
import { estateOfSec, type Missing, type SecAnswers } from './estate/import/sec-estate.ts';
import { word } from './estate/introspection/finding.ts';
import type { EstateDocument } from './estate/types.ts';
import { importReading, type Reading, raise, readWords } from './import-estate.ts';
import { messageOf, refusal } from './kernel/errors.ts';

export const IMPORT_SEC_USAGE = 'import-sec FILE… [--address HOST=ADDRESS] [--user USER] [--key-file FILE] [--yes]';

const MOST_BYTES = 1_000_000;
const TEXT = { type: 'string' } as const;

function options(words: readonly string[]) {
  return parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      yes: { type: 'boolean', default: false },
      reason: TEXT,
      address: { type: 'string', multiple: true, default: [] },
      user: TEXT,
      'key-file': TEXT,
      site: TEXT,
      main: TEXT,
      environment: TEXT,
      'site-dir': TEXT,
      version: TEXT,
      'db-host': TEXT,
      'db-name': TEXT,
      'db-user': TEXT,
    },
  });
}
type Given = ReturnType<typeof options>['values'];

/** Options that say something of one site, so that they go with one file. */
const OF_ONE_SITE = ['site', 'main', 'environment', 'site-dir', 'version', 'db-host', 'db-name', 'db-user'] as const;

function answersOf(given: Given): SecAnswers {
  const addresses = new Map<string, string>();
  for (const word of given.address) {
    const [, host, address] = /^([^=]+)=(.+)$/.exec(word) ?? [];
    if (host === undefined || address === undefined)
      raise(
        refusal(
          'bad_arguments',
          `--address ${word} is not HOST=ADDRESS.`,
          'Write for example --address acme-main=10.0.0.5.',
        ),
      );
    addresses.set(host, address);
  }
  return {
    addresses,
    user: given.user,
    keyFile: given['key-file'],
    site: given.site,
    main: given.main,
    environment: given.environment,
    siteDir: given['site-dir'],
    version: given.version,
    dbHost: given['db-host'],
    dbName: given['db-name'],
    dbUser: given['db-user'],
  };
}

function readFile(file: string): SecCluster {
  const refused = (why: string) =>
    raise(refusal('bad_configuration', `${file} ${why}.`, 'Name the console’s own files, clusters/<id>.json.'));
  let content: string | null;
  try {
    content = statSync(file).size > MOST_BYTES ? null : readFileSync(file, 'utf8');
  } catch (error) {
    return refused(`cannot be read: ${messageOf(error)}`);
  }
  if (content === null) return refused('is too long for a cluster file');
  const read = readSecCluster(content, file);
  return read.ok ? read.value : raise(read.error);
}

/** The command that completes an import: what was given, and what is missing, to be filled in. */
function completing(files: readonly string[], given: Given, missing: readonly Missing[]): string {
  const told = Object.entries(given).flatMap(([key, value]) => {
    if (typeof value === 'string') return [`--${key} ${word(value)}`];
    return Array.isArray(value) ? value.map((one) => `--${key} ${word(one)}`) : [];
  });
  return ['twokey import-sec', ...files.map(word), ...told, ...missing.map((one) => `${one.option} ${one.value}`)].join(
    ' ',
  );
}

const reasons = (missing: readonly Missing[]) => missing.map((one) => `  ${one.option} ${one.value}: ${one.why}`);

function readAll(files: readonly string[], given: Given, before: EstateDocument): Reading {
  const answers = answersOf(given);
  const clusters: EstateDocument['clusters'] = [];
  const remarks: string[] = [];
  const missing: Missing[] = [];
  for (const file of files) {
    const cluster = readFile(file);
    if (clusters.some((one) => one.name === cluster.name))
      raise(
        refusal(
          'bad_configuration',
          `${file}: another file has a cluster ${cluster.name} too.`,
          'Import them in two runs.',
        ),
      );
    const own = new Map(
      [...answers.addresses].filter(([host]) => files.length === 1 || cluster.nodes.some((node) => node.host === host)),
    );
    const made = estateOfSec(cluster, { ...answers, addresses: own }, before);
    if (!made.ok) return raise(made.error);
    remarks.push(
      `${file}: cluster ${inQuotes(cluster.title)}, the ${cluster.generation === 'docker' ? 'Docker' : 'SSH and Apache'} generation`,
      ...cluster.unknown.map((place) => `  not understood and left out: ${place}`),
      ...cluster.left.map((line) => `  left out: ${line}`),
    );
    missing.push(...made.value.missingOfHosts);
    if (made.value.cluster === null) continue;
    clusters.push(made.value.cluster);
    if (made.value.missingOfSite.length > 0)
      remarks.push(
        `The hosts of ${cluster.name} can be imported; its site cannot yet. Missing:`,
        ...reasons(made.value.missingOfSite),
        `To complete it: ${completing([file], given, made.value.missingOfSite)}`,
      );
    for (const host of made.value.cluster.hosts.filter((one) => one.host_keys.length === 0))
      remarks.push(
        `No host key of ${host.name} is pinned, so it cannot be reached yet: add it to \`host_keys\` of the estate once you have compared it.`,
      );
  }
  const unique = missing.filter(
    (one, index) => missing.findIndex((other) => other.option === one.option && other.value === one.value) === index,
  );
  if (unique.length === 0) return { document: { clusters }, remarks };
  remarks.push('Missing:', ...reasons(unique), `To complete it: ${completing(files, given, unique)}`);
  return { document: null, remarks };
}

/** `twokey import-sec FILE…`: takes over clusters of the vendor's console. Answers the exit code, null when the words make no sense. */
export async function importSecTool(words: readonly string[]): Promise<number | null> {
  const parsed = readWords(words, options);
  if (parsed === null) return null;
  const { values, positionals: files } = parsed;
  const single = OF_ONE_SITE.find((key) => values[key] !== undefined);
  if (files.length > 1 && single !== undefined)
    raise(
      refusal(
        'bad_arguments',
        `--${single} says something of one site, and there are ${files.length} files.`,
        'Import one file at a time.',
      ),
    );
  return importReading({ yes: values.yes, reason: values.reason }, async (before) => readAll(files, values, before));
}
