import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

function newestChange(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(0, ...files.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}

/** Builds the workspace's page when it is missing or older than its sources; gives the folder of the built page. */
export async function ensurePage(root: string, say: (text: string) => void): Promise<string> {
  const built = join(root, 'dist/page');
  const index = join(built, 'index.html');
  const sources = join(root, 'src/workspace/page');
  const protocol = statSync(join(root, 'src/workspace/protocol.ts')).mtimeMs;
  if (existsSync(index) && statSync(index).mtimeMs >= Math.max(protocol, newestChange(sources))) return built;
  say('Building the page of the local workspace');
  const args = [join(root, 'node_modules/vite/bin/vite.js'), 'build', sources, '--logLevel', 'warn'];
  const vite = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(vite, 'exit');
  if (code !== 0) throw new Error('the page of the local workspace could not be built; see the lines above');
  return built;
}
