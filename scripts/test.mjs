#!/usr/bin/env node
// npm test: everything that has to hold, in order, stopping at the first that does not. Arguments go to vitest only.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { install, ROOT, run, Stop, say } from './install.mjs';

const RESULT = join(ROOT, '.cache/vitest.json');

/** The JavaScript file of a package's program, so that it runs on Node 24 whatever `node` is on the path. */
function program(name, bin = name) {
  const folder = join(ROOT, 'node_modules', name);
  const declared = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).bin;
  return join(folder, typeof declared === 'string' ? declared : declared[bin]);
}

function step(node, title, args, env) {
  const began = performance.now();
  say(`\n== ${title}`);
  const ran = spawnSync(node, args, { cwd: ROOT, stdio: 'inherit', env });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  say(`== ${title}: ${ran.status === 0 ? 'ok' : 'FAILED'}, ${seconds} s`);
  return ran.status === 0;
}

function summary() {
  if (!existsSync(RESULT)) return;
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(RESULT, 'utf8'));
  say(`\n${numPassedTests} passed, ${numFailedTests} failed`);
}

await run(() => {
  const node = install({ tests: true });
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` };
  const page = 'src/workspace/page';
  const extra = process.argv.slice(2);
  /** @type {[string, string[]][]} */
  const steps = [
    ['format and lint (Biome)', [program('@biomejs/biome', 'biome'), env.CI ? 'ci' : 'check', '--colors=off', '.']],
    ['lint with types (oxlint)', [program('oxlint'), '.']],
    ['types', [program('typescript', 'tsc'), '-p', '.']],
    ['types of the page', [program('typescript', 'tsc'), '-p', page]],
    ['unused files, exports and packages (knip)', [program('knip')]],
    ['build of the page (Vite)', [program('vite'), 'build', page]],
  ];
  for (const [title, args] of steps) {
    if (!step(node, title, args, env)) throw new Stop(`npm test stopped at: ${title}`);
  }
  mkdirSync(dirname(RESULT), { recursive: true });
  rmSync(RESULT, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${RESULT}`];
  const passed = step(node, 'tests (vitest)', [program('vitest'), 'run', ...reporters, ...extra], env);
  if (!passed) {
    say('\nnpm test stopped at: tests (vitest)');
    process.exitCode = 1;
  }
  summary();
});
