import { join } from 'node:path';
import { findSites, type HostFinds } from '../../src/estate/introspection/find-sites.ts';
import type { LookTree } from './look-tree.ts';
import type { Engine } from './whole-host.ts';
import { run } from './whole-host-run.ts';

/** Whether docker-compose v1, the older program, is on this machine (Debian's package `docker-compose`). */
export async function hasComposeV1(): Promise<boolean> {
  return (await run('docker-compose', ['version', '--short'])).stdout.startsWith('1.');
}

export interface StartedContainer {
  readonly project: string;
  readonly service: string;
  /** Folder of the project. */
  readonly dir: string;
  /** Whole path of its compose file. */
  readonly file: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly environment?: readonly string[];
  /** What runs in it. */
  readonly command: readonly string[];
}

/** A compose file with one service that waits, and says which database it has; both versions of compose take it. */
export function composeFile(image: string, service: string, database: string): string {
  return `version: "2.4"
services:
  ${service}:
    image: ${image}
    network_mode: none
    command: sleep 600
    environment:
      PGHOST: 10.0.0.5
      PGDATABASE: ${database}
      PGUSER: rails
`;
}

/** Compose projects on an engine of a test. Throws with what the programs said. */
export function composeEngine(engine: Engine) {
  const DOCKER_HOST = `unix://${join(engine.runDir, 'docker.sock')}`;
  const docker = async (...words: readonly string[]): Promise<string> => {
    const ran = await engine.docker(words);
    if (ran.code !== 0) throw new Error(`docker ${words[0]}: ${ran.stderr}`);
    return ran.stdout;
  };
  /** An image that is there already. */
  const image = async () => (await docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}')).split('\n')[0] ?? '';
  return {
    image,
    /** Starts a container with the labels that `docker compose` (v2) gives it. */
    async start(name: string, { project, service, dir, file, labels, environment, command }: StartedContainer) {
      const all = {
        'com.docker.compose.project': project,
        'com.docker.compose.service': service,
        'com.docker.compose.project.working_dir': dir,
        'com.docker.compose.project.config_files': file,
        ...labels,
      };
      const marks = Object.entries(all).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
      const settings = (environment ?? []).flatMap((one) => ['-e', one]);
      await docker('run', '-d', '--network', 'none', '--name', name, ...marks, ...settings, await image(), ...command);
    },
    /** Runs docker-compose v1. */
    async v1(...words: readonly string[]): Promise<void> {
      const ran = await run('docker-compose', words, { env: { ...process.env, DOCKER_HOST } });
      if (ran.code !== 0) throw new Error(`docker-compose ${words.join(' ')}: ${ran.stderr}`);
    },
    /** What is found with this engine, in a folder that stands for the host. */
    async look(tree: LookTree): Promise<HostFinds & { readonly output: string }> {
      const output = await tree.look({ env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin', DOCKER_HOST } });
      return { ...findSites('h', output), output: output.toString() };
    },
  };
}
