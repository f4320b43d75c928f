import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MUTANTS, ROOM } from './mutants.ts';

/** Breaks the rule of the two keys and that of room on hosts on purpose, in a copy of the tree, and shows that the walks notice. */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COPIED = ['approvals', 'src', 'commands', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts'];
const WALKS = 'test/unit/approvals/interleavings.test.ts';

const copy = mkdtempSync(join(tmpdir(), 'twokey-mutants-'));
const REPORT = join(copy, 'report.json');
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const entry of COPIED) cpSync(join(ROOT, entry), join(copy, entry), { recursive: true });
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));

/** `passed`, `failed` by a test, or `broken`: it could not be run, which proves nothing. */
function walk(test = WALKS): 'passed' | 'failed' | 'broken' {
  rmSync(REPORT, { force: true });
  const ran = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--reporter', 'json', '--outputFile', REPORT, test],
    { cwd: copy, stdio: 'ignore' },
  );
  if (ran.status === 0) return 'passed';
  return existsSync(REPORT) && /"numFailedTests":[1-9]/.test(readFileSync(REPORT, 'utf8')) ? 'failed' : 'broken';
}

let missed = 0;
const report = (good: boolean, words: string) => {
  missed += Number(!good);
  console.log(`${good ? 'ok    ' : 'NOT OK'} ${words}`);
};

report(walk() === 'passed', 'as it is: every promise is kept');
report(walk(ROOM) === 'passed', 'as it is: there is room for what runs');
for (const { breaks, file, from, to, noticedBy } of MUTANTS) {
  const path = join(copy, file);
  const whole = readFileSync(path, 'utf8');
  if (whole.split(from).length !== 2) {
    report(false, `${breaks}: the text to break stands not exactly once in ${file}`);
    continue;
  }
  writeFileSync(
    path,
    whole.replace(from, () => to),
  );
  const outcome = walk(noticedBy);
  writeFileSync(path, whole);
  report(outcome === 'failed', `${breaks}: ${outcome === 'failed' ? 'noticed' : outcome}`);
}
process.exitCode = missed === 0 ? 0 : 1;
