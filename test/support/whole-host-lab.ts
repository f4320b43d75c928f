import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { z } from 'zod';
import { estateDocument } from '../../src/estate/types.ts';
import type { Lab } from './lab.ts';
import type { WholeHost } from './whole-host.ts';

/** Where the studio site's dump program lies, in front of the real one. */
export const TOOLS = '/opt/tools';
export const SITE_DIR = '/srv/studio';

/** Runs a script on a host as root. Throws with what it said when it fails. */
export async function onHost(host: Pick<WholeHost, 'exec'>, script: string): Promise<string> {
  const ran = await host.exec(['sh', '-c', script]);
  if (ran.code !== 0) throw new Error(`${script}: ${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}

/** A host as the estate has it. */
export function hostEntry({ name, address, user, hostKeys, keyFile }: WholeHost) {
  return { name, address, user, host_keys: [...hostKeys], key_file: keyFile };
}

/** The production site studio with the database of `createAppDatabase`, which answers at `database.host`. */
export function studioSite(
  host: Pick<WholeHost, 'name'>,
  database: { readonly host: string; readonly name: string; readonly user: string; readonly password_secret: string },
) {
  return {
    name: 'studio',
    environment: 'production',
    host: host.name,
    site_dir: SITE_DIR,
    version: '9.2.0',
    database: { ...database, must_have_tables: ['studio.version'], bin_dir: TOOLS },
  };
}

/** Makes the studio site's folder, which the host's user may write. */
export async function makeSiteDir(host: WholeHost): Promise<void> {
  await onHost(host, `mkdir -p ${SITE_DIR} && chown ${host.user} ${SITE_DIR}`);
}

/** The dump program of the studio site becomes the real one, after this text. */
export async function dumpAfter(host: WholeHost, text: string): Promise<void> {
  await onHost(
    host,
    `mkdir -p ${TOOLS} && cat >${TOOLS}/pg_dump <<'END' && chmod 755 ${TOOLS}/pg_dump
#!/bin/sh
case "$*" in *--version*) ;; *) ${text} ;; esac
exec /usr/bin/pg_dump "$@"
END`,
  );
}

const cluster = estateDocument.shape.clusters.element;

/** Adds a cluster to the estate of a lab whose bots have not been started yet. */
export async function addCluster(lab: Pick<Lab, 'home'>, added: z.input<typeof cluster>): Promise<void> {
  const file = join(lab.home, 'estate.yml');
  const estate = estateDocument.parse(parse(await readFile(file, 'utf8')));
  await writeFile(file, stringify({ clusters: [...estate.clusters, added] }));
}
