import { posix } from 'node:path';

/** One import as it stands in a source text. */
export interface Import {
  readonly from: string;
  /** True when nothing of it is left after the types are stripped. */
  readonly typeOnly: boolean;
  /** True for `import(…)` of something that is not written out. */
  readonly computed: boolean;
}

export interface Source {
  /** Path from the project's folder, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** The floors of design section 3, the lowest first. Places on one floor do not know each other. */
const FLOORS: readonly (readonly string[])[] = [
  ['kernel'],
  ['shell', 'config'],
  ['estate'],
  ['approvals', 'monitoring'],
  ['operations'],
  ['commands'],
  ['adapters'],
  ['app'],
  ['main'],
];

/** Which places may import an outside package; one that is not listed is free. */
const PACKAGES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^@slack\//, ['adapters/slack']],
  [/^ssh2$/, ['adapters/ssh']],
  [/^pg$/, ['adapters/postgres', 'adapters/engine']],
  [/^@dbos-inc\//, ['adapters/engine']],
  [/^node-cron$/, ['adapters/schedule']],
  [/^pino$/, ['adapters/log']],
  [/^semver$/, ['estate']],
  [/^otpauth$/, ['adapters/totp']],
  [/^tar$/, ['adapters/releases']],
  [/^prom-client$/, ['adapters/http']],
];

const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b/, 'Date.now'],
  [/\bnew Date\(\s*\)/, 'new Date()'],
  [/\bnew Date\b(?!\s*\()/, 'new Date'],
  [/\bperformance\.(?:now|timeOrigin)\b/, 'performance.now'],
  [/\bprocess\.hrtime\b/, 'process.hrtime'],
  [/\bTemporal\.Now\b/, 'Temporal.Now'],
  [/\bMath\.random\b/, 'Math.random'],
  [/\brandom(?:UUID|Bytes|Int)\b/, 'randomness of node:crypto'],
  [/\bgetRandomValues\b/, 'getRandomValues'],
];

/** The text without its comments; strings stay. */
function withoutComments(text: string): string {
  return text.replaceAll(/(^|\s)\/\*[\s\S]*?\*\//g, '$1').replaceAll(/(^|[\s;{},)])\/\/.*$/gm, '$1');
}

const STATEMENT = /^[ \t]*(?:import|export)\s+(type\s+)?(?:([\w$*\s{},]+?)\s*from\s*)?(["'])([^"'\n]+)\3/gm;

/** Every import, re-export and dynamic import of a source text. */
export function importsOf(text: string): Import[] {
  const code = withoutComments(text);
  const found: Import[] = [];
  for (const [, type, names = '', , from = ''] of code.matchAll(STATEMENT)) {
    const list = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
    const named = list?.split(',').filter((name) => name.trim() !== '') ?? [];
    const allTypes = named.length > 0 && named.every((name) => /^\s*type\s/.test(name));
    found.push({ from, typeOnly: type !== undefined || allTypes, computed: false });
  }
  for (const [, before = '', literal] of code.matchAll(/(\btypeof\s+)?\bimport\(\s*(?:["'`]([^"'`$]+)["'`])?/g)) {
    found.push({ from: literal ?? '', typeOnly: before !== '', computed: literal === undefined });
  }
  for (const [, from = ''] of code.matchAll(/\brequire\(\s*["'`]([^"'`]+)["'`]/g)) {
    found.push({ from, typeOnly: false, computed: false });
  }
  return found;
}

/** The place a file belongs to: `kernel`, `adapters/slack`, `commands`, `workspace`, `demo`, …; null when it has none. */
export function placeOf(path: string): string | null {
  const [top, second, third] = path.split('/');
  if (top === 'commands' || top === 'approvals' || top === 'demo') return top;
  if (top !== 'src' || second === undefined) return null;
  if (third === undefined)
    return [
      'main.ts',
      'doctor.ts',
      'audit.ts',
      'profile-tool.ts',
      'import-estate.ts',
      'import-sec.ts',
      'import-ssh-config.ts',
    ].includes(second)
      ? 'main'
      : second === 'app.ts'
        ? 'app'
        : null;
  if (second === 'adapters') return `adapters/${third}`;
  return second;
}

function floorOf(place: string): number {
  return FLOORS.findIndex((floor) => floor.includes(place.split('/')[0] ?? ''));
}

function judgeNeighbour(from: string, to: string, typeOnly: boolean): string | null {
  if (from === to) return null;
  if (to === 'workspace') return 'nothing imports the workspace stand-in';
  if (to === 'demo') return 'nothing imports the demonstration';
  if (from === 'workspace' || from === 'demo') return null;
  if (from.startsWith('adapters/') && to.startsWith('adapters/')) {
    // The logger's shape is the one thing that adapters are handed and name.
    return to === 'adapters/log' && typeOnly ? null : 'adapters never import one another';
  }
  const [own, other] = [floorOf(from), floorOf(to)];
  if (other < 0) return `${to} is on no floor`;
  if (other > own) return 'nobody looks up';
  return other === own ? 'neighbours on one floor do not know each other' : null;
}

function judgePackage(place: string, it: Import): string | null {
  const rule = PACKAGES.find(([pattern]) => pattern.test(it.from));
  if (!rule || rule[1].includes(place)) return null;
  if (place === 'workspace' && it.typeOnly && it.from.startsWith('@slack/')) return null;
  return `${it.from} belongs only into ${rule[1].join(' and ')}`;
}

function judgeImport(source: Source, place: string, it: Import): string | null {
  if (it.computed) return source.path === 'commands/index.ts' ? null : 'what it imports is not written out';
  if (!it.from.startsWith('.')) return it.from.startsWith('node:') ? null : judgePackage(place, it);
  const target = posix.join(posix.dirname(source.path), it.from);
  // The start script brings the demonstration up, and they share the bot's flags.
  if (place === 'demo' && target === 'scripts/flags.json') return null;
  const other = placeOf(target);
  if (other === null) return `${target} belongs to no place`;
  return judgeNeighbour(place, other, it.typeOnly);
}

/** What is wrong with a source, one line a violation of the layout; empty when nothing is. */
export function violationsOf(source: Source): string[] {
  const place = placeOf(source.path);
  if (place === null) return [`${source.path}: belongs to no place of the layout`];
  const code = withoutComments(source.text);
  const problems = importsOf(source.text).flatMap((it) => {
    const problem = judgeImport(source, place, it);
    return problem === null ? [] : [`${it.from}: ${problem}`];
  });
  if (place !== 'config' && place !== 'workspace' && place !== 'demo') {
    if (/\bprocess\s*\.\s*env\b|\bprocess\[|\benv\b[^;]*from 'node:process'/.test(code))
      problems.push('process.env is read only in config');
  }
  if (place !== 'kernel' && place !== 'workspace' && place !== 'demo') {
    for (const [pattern, name] of IMPURE) if (pattern.test(code)) problems.push(`${name} is only for the kernel`);
  }
  return problems.map((problem) => `${source.path}: ${problem}`);
}

/** Most lines of a file. */
export const MOST_LINES = 300;

/** Says so when a file is too long to be read at once. */
export function tooLong(source: Source): string[] {
  const lines = source.text.replace(/\n$/, '').split('\n').length;
  return lines > MOST_LINES ? [`${source.path}: ${lines} lines, at most ${MOST_LINES}`] : [];
}
