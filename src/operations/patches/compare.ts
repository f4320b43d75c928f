import { foldersAbove } from '../../estate/release-manifest.ts';
import type { Host } from '../../estate/types.ts';
import { monotonicMs } from '../../kernel/clock.ts';
import { Secret } from '../../kernel/secret.ts';
import type { HostPort } from '../ports.ts';
import { COMPARE } from './compare-script.ts';
import type { Finding, HostComparison, PatchKind, Unread } from './finding.ts';
import { type HostQuestion, hostQuestions } from './host-question.ts';
import type { Expected, ShippedTree } from './shipped-tree.ts';

/** For how long the files of one host may be read: large ones take a while. */
const READ_MS = 300_000;
/** What an answer may take beyond the reading of files. */
const BESIDE_MS = 60_000;

/** The words of the script for a host on which nothing can be compared. */
const PROBLEMS: ReadonlyMap<string, { readonly why: (root: string) => string; readonly next: string }> = new Map([
  [
    'gone',
    {
      why: (root: string) => `there is no folder ${root}`,
      next: 'Correct `layout.release_dir` of the profile, or the `version` of the site.',
    },
  ],
  [
    'closed',
    {
      why: (root: string) => `the account may not look into ${root}`,
      next: 'Let the account of the host read that folder.',
    },
  ],
  [
    'tools',
    {
      why: () => 'it lacks what compares files',
      next: 'Install coreutils (with `timeout --foreground`), findutils and awk there.',
    },
  ],
]);
const BROKEN = { why: 'it did not say all of it', next: 'Send it again.' };

type Trouble = NonNullable<HostComparison['trouble']>;
interface Seen {
  readonly findings: readonly Finding[];
  readonly unread: readonly Unread[];
  readonly same: number;
  readonly behind: number;
}

/** What one line of an answer says of what was asked about; null for a line that no answer has. */
function readLine(
  host: string,
  line: string,
  { about }: HostQuestion,
): { readonly finding: Finding } | { readonly unread: Unread } | { readonly same: number } | null {
  const same = /^\[same\] (\d{1,7})$/.exec(line)?.[1];
  if (same !== undefined) return { same: Number(same) };
  const [, number, word, sum] = /^(\d{1,7}) ([a-z]+)(?: ([0-9a-f]{64}|-))?$/.exec(line) ?? [];
  const it = about[Number(number) - 1];
  if (!it) return null;
  const { path } = it;
  const found = sum === undefined || sum === '-' ? null : sum;
  if (word === 'unreadable' || word === 'late') return { unread: { path, why: word } };
  const kind = kindOf(word, it.kind);
  return kind === null ? null : { finding: { host, path, kind, found } };
}

function kindOf(word: string | undefined, shipped: HostQuestion['about'][number]['kind']): PatchKind | null {
  if (word === 'missing' || word === 'type') return word;
  // A file in the place of a link is no other content of the same thing.
  if (word === 'modified') return shipped === 'link' ? 'type' : 'modified';
  if (word === 'link') return shipped === 'file' || shipped === 'folder' ? 'link' : 'target';
  return null;
}

/** Reads an answer of the script about files below `root`. One that is not whole says nothing. */
function readAnswer(host: string, root: string, printed: string, question: HostQuestion): Seen | Trouble {
  const lines = printed.split('\n');
  const problem = PROBLEMS.get(/^\[problem\] ([a-z]+)$/.exec(lines[0] ?? '')?.[1] ?? '');
  if (problem) return { why: problem.why(root), next: problem.next };
  if (lines.pop() !== '' || lines.pop() !== '[end]') return BROKEN;
  const findings: Finding[] = [];
  const unread: Unread[] = [];
  let same = 0;
  for (const line of lines) {
    const read = readLine(host, line, question);
    if (read === null) return BROKEN;
    if ('finding' in read) findings.push(read.finding);
    else if ('unread' in read) unread.push(read.unread);
    else same += read.same;
  }
  const told = new Set([...findings, ...unread].map((one) => one.path));
  const untold = question.about.filter(isFile).filter((one) => !told.has(one.path));
  // Of the folders only those that are links are told.
  const behind = untold.filter((one) => [...foldersAbove(one.path)].some((folder) => told.has(folder))).length;
  // A program that died on the host tells nothing of its files, and that is not the same as "nothing differs".
  return same + behind === untold.length ? { findings, unread, same, behind } : BROKEN;
}

async function askHost(
  hosts: Pick<HostPort, 'run'>,
  host: Host,
  root: string,
  question: HostQuestion,
  left: number,
): Promise<Seen | Trouble> {
  const seconds = Math.ceil(left / 1000);
  const params = { root, seconds: String(seconds) };
  const options = { timeoutMs: seconds * 1000 + BESIDE_MS, stdin: new Secret(question.input) };
  const ran = await hosts.run(host, COMPARE, params, options);
  if (!ran.ok) return { why: ran.error.message.replace(/\.$/, ''), next: ran.error.next };
  return readAnswer(host.name, root, new TextDecoder().decode(ran.value.output), question);
}

/**
 * Compares the files of a host below `root` with what a release ships; one question for each 10,000 of them, one after
 * the other, within the time. Changes nothing there. What cannot be compared is said, and never counts as the same.
 */
export async function compareOnHost(
  hosts: Pick<HostPort, 'run'>,
  host: Host,
  root: string,
  { files, unnamed }: ShippedTree,
  readMs: number = READ_MS,
): Promise<HostComparison> {
  const began = monotonicMs();
  const findings = new Map<string, Finding>();
  const unread: Unread[] = unnamed.map((path) => ({ path, why: 'name' }));
  let [same, behind] = [0, 0];
  for (const question of hostQuestions(files)) {
    const left = readMs - (monotonicMs() - began);
    if (left <= 0) {
      unread.push(...question.about.filter(isFile).map(({ path }): Unread => ({ path, why: 'late' })));
      continue;
    }
    const seen = await askHost(hosts, host, root, question, left);
    if ('why' in seen) return { host: host.name, same: 0, findings: [], behind: 0, unread: [], trouble: seen };
    // A folder that is a link is told with each part of what lies in it.
    for (const one of seen.findings) findings.set(one.path, one);
    unread.push(...seen.unread);
    [same, behind] = [same + seen.same, behind + seen.behind];
  }
  return { host: host.name, same, findings: [...findings.values()], behind, unread, trouble: null };
}

function isFile(one: HostQuestion['about'][number]): one is Expected {
  return one.kind !== 'folder';
}
