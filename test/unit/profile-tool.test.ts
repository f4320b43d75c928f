import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { profileHome } from '../support/profile-home.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Runs the command line as a person does. */
function twokey(home: string, ...words: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, TWOKEY_HOME: home };
    const child = execFile(process.execPath, ['--no-warnings', MAIN, ...words], { env }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

const GOOD =
  'name: acme\ntitle: Acme\nextends: flow-production-tracking-docker\ncommands:\n  version: { run: [[cat, VERSION]] }\n';
const BAD =
  'name: acme\nextends: compose\nservices: []\ncommands:\n  strat: { run: [[app]] }\n  stop: { run: [[app, "{x}"]] }\n';

it('twokey profile validate says what a profile covers, and what it does not', async () => {
  using its = profileHome({ 'draft.yml': GOOD });
  const { code, out, err } = await twokey(its.home, 'profile', 'validate', join(its.home, 'profiles/draft.yml'));
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('ok: acme (Acme), extends flow-production-tracking-docker');
  expect(out).toMatch(/commands set: commands\.start, .*commands\.version/);
  expect(out).toContain('not set: commands.migrate: No public page names the task');
  expect(out).toContain('datastore media: files {media_dir}');
  expect(out).toContain('upgrade path: not set: The vendor wants minor versions in sequence');
  expect(out).toContain(`${join(its.home, 'profiles')}/acme.yml, from the next start on`);
});

it('twokey profile validate names every mistake with its line', async () => {
  using its = profileHome({ 'acme.yml': BAD });
  const file = join(its.home, 'profiles/acme.yml');
  const { code, out, err } = await twokey(its.home, 'profile', 'validate', file);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain(`${file}:5: commands.strat: there is no such key; did you mean \`start\`?`);
  expect(err).toContain('one mistake; docs/profiles.md');
});

it('twokey profile with other words shows the usage', async () => {
  using its = profileHome({});
  const { code, err } = await twokey(its.home, 'profile', 'check', 'x.yml');
  expect(code).toBe(64);
  expect(err).toContain('profile validate FILE');
});
