import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** The code blocks of a document that begin with the path they belong into. */
async function blocksOf(document: string): Promise<Map<string, string>> {
  const text = await readFile(join(ROOT, document), 'utf8');
  const blocks = [...text.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)];
  return new Map(blocks.map((block) => [block[1] ?? '', block[2] ?? '']));
}

describe('a newcomer adds a command by the instructions of docs/architecture.md', () => {
  let copy: string;
  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), 'twokey-newcomer-'));
    for (const part of [
      'src',
      'commands',
      'approvals',
      'demo',
      'scripts',
      'test/support',
      'package.json',
      'tsconfig.json',
      'vitest.config.ts',
    ]) {
      await cp(join(ROOT, part), join(copy, part), { recursive: true });
    }
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    const blocks = await blocksOf('docs/architecture.md');
    expect([...blocks.keys()]).toEqual(['commands/uptime.ts', 'test/unit/commands/uptime.test.ts']);
    for (const [path, text] of blocks) {
      await mkdir(dirname(join(copy, path)), { recursive: true });
      await writeFile(join(copy, path), text);
    }
  });
  afterAll(() => rm(copy, { recursive: true, force: true }));

  it('in one new file, which help and the parser know at once', async () => {
    const script = `
      const { loadCommands } = await import('./commands/index.ts');
      const { parseLine } = await import('./commands/contract/line.ts');
      const commands = await loadCommands();
      const line = (text) => parseLine(text, commands, '/ops');
      console.log(JSON.stringify([line('uptime acme-app').value.kind, line('uptime').value.missing, line('uptme acme-app').error.message]));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: copy });
    expect(JSON.parse(stdout)).toEqual(['command', ['host'], expect.stringContaining('Did you mean `/ops uptime`?')]);
  });

  it('and one test, which passes', async () => {
    const { stdout } = await run(
      join(ROOT, 'node_modules/.bin/vitest'),
      ['run', '--project', 'unit', 'test/unit/commands/uptime.test.ts'],
      {
        cwd: copy,
        env: { ...process.env, NO_COLOR: '1' },
      },
    );
    expect(stdout).toMatch(/Tests\s+1 passed/);
  });

  it('whose types hold', async () => {
    await run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: copy });
  });
});
