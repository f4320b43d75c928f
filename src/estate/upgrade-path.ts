import { didYouMean } from '../kernel/did-you-mean.ts';
import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { compareVersions, parseVersion, type Version } from './version.ts';

/** The minor versions that a vendor supports upgrades between, and which may follow which. */
export type PathTable = readonly { readonly minor: string; readonly next: readonly string[] }[];

/** One upgrade of a way; each gets its own safety backup. */
export interface Hop {
  readonly from: string;
  readonly to: string;
  /** False within one minor version: patches do not change the schema. */
  readonly schemaChange: boolean;
}

/** Why a table cannot be used, with the place in it; empty when it can. What only ever leads upwards has no circle. */
export function problemsOfPath(
  table: PathTable,
): readonly { readonly at: readonly (string | number)[]; readonly message: string }[] {
  const known = table.map((row) => row.minor);
  return table.flatMap(({ minor, next }, index) => {
    const own = parseVersion(minor);
    const problems: { at: (string | number)[]; message: string }[] = [];
    if (known.indexOf(minor) !== index) problems.push({ at: [index, 'minor'], message: `${minor} stands here twice` });
    for (const [place, to] of next.entries()) {
      const other = parseVersion(to);
      const at = [index, 'next', place];
      if (next.indexOf(to) !== place) problems.push({ at, message: `${to} stands here twice` });
      if (!known.includes(to)) {
        const near = didYouMean(to, known);
        const hint = near === undefined ? '' : `; did you mean ${near}?`;
        problems.push({ at, message: `${to} has no row of its own${hint}` });
      } else if (own && other && compareVersions(other, own) <= 0)
        problems.push({ at, message: `${minor} cannot lead to ${to}, which is not newer: that would be a circle` });
    }
    return problems;
  });
}

const refuse = (message: string, next?: string) => err(refusal('no_upgrade_path', message, next));

const older = (from: string, to: string): [string, string] => [
  `${to} is older than ${from}: an upgrade does not go back.`,
  'Roll back or restore a backup instead.',
];

/** The minors from one to another, both included, on the shortest way; null when there is none. */
function wayBetween(table: PathTable, from: string, to: string): readonly string[] | null {
  const nextOf = new Map(table.map((row) => [row.minor, row.next]));
  let ways: readonly (readonly string[])[] = [[from]];
  const seen = new Set([from]);
  while (ways.length > 0) {
    const there = ways.find((way) => way.at(-1) === to);
    if (there) return there;
    ways = ways.flatMap((way) =>
      (nextOf.get(way.at(-1) ?? '') ?? []).flatMap((minor) => {
        if (seen.has(minor)) return [];
        seen.add(minor);
        return [[...way, minor]];
      }),
    );
  }
  return null;
}

function unknownMinor(table: PathTable, version: Version): string | null {
  const known = table.map((row) => row.minor);
  if (known.includes(version.minor)) return null;
  const list = known.length === 0 ? 'none' : known.join(', ');
  return `${version.text} belongs to ${version.minor}, which the upgrade path does not know (it knows ${list}).`;
}

interface Way {
  readonly start: Version;
  readonly end: Version;
  readonly minors: readonly string[];
}

function findWay(table: PathTable, from: string, to: string): Result<Way, Refusal> {
  const [start, end] = [parseVersion(from), parseVersion(to)];
  if (!start) return refuse(`"${from}" is not a version such as 8.1.0.`, 'Correct the site’s `version` in the estate.');
  if (!end) return refuse(`"${to}" is not a version such as 8.1.0.`, 'Name a version such as 8.1.0.');
  const order = compareVersions(end, start);
  if (order === 0) return refuse(`The site already runs ${to}.`, 'Name another version.');
  if (order < 0) return refuse(...older(from, to));
  if (start.minor === end.minor) return ok({ start, end, minors: [end.minor] });
  const unknown = unknownMinor(table, start) ?? unknownMinor(table, end);
  if (unknown !== null)
    return refuse(
      unknown,
      'Add it to `upgrade.path` of the profile, from your vendor’s documentation; nothing is guessed.',
    );
  const minors = wayBetween(table, start.minor, end.minor);
  if (!minors) return refuse(`The upgrade path knows no way from ${start.minor} to ${end.minor}.`);
  return ok({ start, end, minors });
}

/**
 * The upgrades from one version to another, minor by minor. Within a minor every jump is free. Between them the newest of
 * `releases` of each minor on the way is taken.
 * Refusals: no_upgrade_path for what is not a version, no newer, unknown to the table, or lacks a release on the way.
 */
export function hopsBetween(
  table: PathTable,
  from: string,
  to: string,
  releases: readonly string[],
): Result<readonly Hop[], Refusal> {
  const way = findWay(table, from, to);
  if (!way.ok) return way;
  const { end, minors } = way.value;
  const stops: string[] = [];
  for (const minor of minors.slice(1, -1)) {
    const newest = releases
      .flatMap((text) => parseVersion(text) ?? [])
      .filter((version) => version.minor === minor && version.three.prerelease.length === 0)
      .sort(compareVersions)
      .at(-1);
    if (!newest) {
      const why = `The way from ${from} to ${to} leads over ${minor}, and there is no release of it yet.`;
      return refuse(why, `Add a release of ${minor} first.`);
    }
    stops.push(newest.text);
  }
  const all = [from, ...stops, end.text];
  return ok(
    all.slice(1).map((next, index) => ({ from: all[index] ?? from, to: next, schemaChange: minors.length > 1 })),
  );
}

/** What a profile says of upgrades, as far as the way is concerned. */
export interface PathRule {
  readonly path: PathTable | null;
  readonly unordered?: string | undefined;
  readonly note?: string | undefined;
}

/**
 * The upgrades from one version to another by a profile's rule. Where the application has no order, one upgrade, which may
 * change the schema.
 * Refusals: no_upgrade_path, as for hopsBetween; command_not_set where nobody has set the path.
 */
export function hopsByRule(
  { path, unordered, note }: PathRule,
  from: string,
  to: string,
  releases: readonly string[],
): Result<readonly Hop[], Refusal> {
  if (path !== null) return hopsBetween(path, from, to, releases);
  if (unordered === undefined)
    return err(
      refusal(
        'command_not_set',
        `\`upgrade.path\` is not set in the profile. ${note ?? ''}`.trim(),
        'Set it from your vendor’s documentation in a profile of yours, in the shape of `upgrade: { path: [{ minor: "8.1", next: ["8.2"] }, { minor: "8.2", next: [] }] }`.',
      ),
    );
  const [start, end] = [parseVersion(from), parseVersion(to)];
  if (from === to) return refuse(`The site already runs ${to}.`, 'Name another version.');
  if (start && end && compareVersions(end, start) < 0) return refuse(...older(from, to));
  return ok([{ from, to, schemaChange: true }]);
}

/** Whether one upgrade may be done as it is, without a stop. Refusal: no_upgrade_path, naming the way when a minor would be skipped. */
export function checkHop(table: PathTable, from: string, to: string): Result<Hop, Refusal> {
  const way = findWay(table, from, to);
  if (!way.ok) return way;
  const { minors } = way.value;
  if (minors.length <= 2) return ok({ from, to, schemaChange: minors.length === 2 });
  const skipped = minors.slice(1, -1).join(', ');
  return refuse(`${from} to ${to} would skip ${skipped}.`, `Go one by one: ${minors.join(' → ')}.`);
}
