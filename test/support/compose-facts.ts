import type { OperationCommand } from '../../commands/contract/command.ts';
import { sha256 } from '../../src/kernel/ids.ts';
import { Secret } from '../../src/kernel/secret.ts';
import type { ComposeFacts } from '../../src/operations/compose/look.ts';
import type { SiteFacts } from '../../src/operations/facts.ts';
import type { SitePlannable } from '../../src/operations/request.ts';
import { siteFacts } from './builders.ts';
import { facts } from './redeploy-plans.ts';

/** Password in the file; nothing but the file may hold it. */
export const COMPOSE_SECRET = 'oder-neisse-4711';
const FILE = `services:
  app:
    image: shop:1.4
    environment:
      PGPASSWORD: ${COMPOSE_SECRET}
      MODE: fast
`;
const NEXT = FILE.replace('1.4', '1.5').replace('fast', 'slow');
const BACKUP = 'docker-compose.yml.20261120T080000Z-7k3m9q2x.bak';

const plainFile = (name: string) => ({
  name,
  kind: 'file' as const,
  readable: true,
  bytes: 100,
  uid: '1000',
  gid: '1000',
  owner: 'deploy',
});
const content = (name: string, text: string) => ({ name, sha256: sha256(text), text: new Secret(text) });

/** What lies in the compose folder of the site acme: its file, a prepared `next.yml` and one backup. */
function composeFacts(base: SiteFacts, change: Partial<ComposeFacts>): ComposeFacts {
  const name = 'docker-compose.yml';
  return {
    version: 'v1',
    path: base.site.site_dir,
    host: base.site.hostOf,
    others: [],
    there: true,
    writable: true,
    owner: 'deploy',
    account: { uid: '1000', name: 'deploy', groups: ['1000'] },
    hasSha256sum: true,
    namedBy: null,
    files: [plainFile(name)],
    overrides: [],
    wanted: plainFile(BACKUP),
    backups: [
      {
        name: BACKUP,
        at: new Date('2026-11-20T08:00:00Z'),
        operation: '7k3m9q2x',
        bytes: 100,
        sha256: sha256(NEXT),
        intact: true,
      },
    ],
    contents: new Map([name, 'next.yml', BACKUP].map((one) => [one, content(one, one === name ? FILE : NEXT)])),
    ...change,
  };
}

/** Facts of the site acme as a project of docker-compose v1 whose folder was looked at. */
export function composeSite(
  change: Partial<SiteFacts> = {},
  compose: Partial<ComposeFacts> = {},
  its: Partial<Parameters<typeof facts>[0]> = {},
): SiteFacts {
  const base = facts({
    profile: 'compose-v1',
    stored: { project: 'acme' },
    change: { estate: siteFacts().estate, freshBackup: false, ...change },
    ...its,
  });
  return { ...base, compose: composeFacts(base, compose) };
}

/** Facts and arguments from which a command on sites makes a plan: acme, and for compose files acme as such a project. */
export function samplePlan(command: Pick<OperationCommand & SitePlannable, 'fields' | 'looksAt'>) {
  const compose = command.looksAt === 'compose';
  const value = compose && command.fields.some((field) => field.key === 'value');
  return {
    factsOf: compose ? composeSite : siteFacts,
    args: { site: 'acme', ...(value ? { path: 'services.app.image', value: 'shop:1.5' } : {}) },
  };
}
