import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { press, recorded, succeeded, untilRow } from '../../support/ask.ts';
import { type Lab, shown } from '../../support/lab.ts';
import { sshdEntry } from '../../support/lab-host.ts';
import { freePort } from '../../support/postgres.ts';
import { startSshd, type TestSshd } from '../../support/sshd.ts';
import { addCluster } from '../../support/whole-host-lab.ts';

/** An application on two hosts: what it was asked, and on which, by the port that sshd answers at. */
const TOOL = `#!/bin/sh
cd "$(dirname "$0")" || exit
port=$(echo "$SSH_CONNECTION" | cut -d' ' -f4)
[ "$1" = mode ] || echo "$1 $port" >>did
case $1 in
  on | off) echo "it is $1" >"mode.$port" ;;
  mode) cat "mode.$port" ;;
  apply) [ ! -e "broken.$port" ] ;;
esac
`;

const command = (word: string) => ({ run: [['{site_dir}/tool', word]], on: 'web-head' });
const PROFILE = {
  name: 'farm',
  title: 'An application on several hosts',
  extends: 'script',
  commands: {
    config_validate: command('validate'),
    config_apply: command('apply'),
    healthcheck: command('health'),
  },
  maintenance: {
    modes: [
      { name: 'off', users: 'work', enter: command('off'), shown_by: { prints: 'it is off' } },
      { name: 'on', users: 'none', enter: command('on'), shown_by: { prints: 'it is on' } },
    ],
    probe: command('mode'),
  },
  services: [{ name: 'web', kind: 'process', role: 'app', probe: { http: '{site_url}' } }],
  settings: {
    site_url: { type: 'url', description: 'Address for visitors.' },
    wait_seconds: { type: 'integer', default: '1', description: 'How long it may take.' },
  },
};

/** Two more hosts, and a site on both of them; before the first bot starts. */
export interface Farm extends AsyncDisposable {
  readonly hosts: readonly [TestSshd, TestSshd];
  readonly folder: string;
}

/** Adds a cluster of two web heads to the lab's estate: `farm-app` has three roles, `farm-api` one. */
export async function addFarm(lab: Lab): Promise<Farm> {
  const [app, api] = await Promise.all([startSshd(), startSshd()]);
  const hosts = [
    { ...sshdEntry('farm-api', api.target), roles: ['api' as const] },
    { ...sshdEntry('farm-app', app.target), roles: ['app' as const, 'api' as const, 'db' as const] },
    { ...sshdEntry('farm-db', app.target), roles: ['db' as const] },
  ];
  const database = { host: '127.0.0.1', port: await freePort(), name: 'farm', user: 'twokey_backup' };
  const site = { name: 'farm', environment: 'staging', profile: 'farm', host: 'farm-app', site_dir: app.dir };
  await addCluster(lab, { name: 'farm', hosts, sites: [{ ...site, version: '1.0.0', database }] });
  await writeFile(join(lab.home, 'profiles', 'farm.yml'), stringify(PROFILE));
  await writeFile(join(app.dir, 'tool'), TOOL);
  await chmod(join(app.dir, 'tool'), 0o755);
  await chmod(app.dir, 0o777);
  return {
    hosts: [app, api],
    folder: app.dir,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
    },
  };
}

/** Declares the scenarios of a site on several hosts; to be called after the hooks that make the world. */
export function webHeadStory(world: () => { readonly lab: Lab; readonly farm: Farm }): void {
  let lab: Lab;
  let farm: Farm;
  let visitors: Server;
  let address: string;
  let answer = 200;
  let ports: { readonly app: number; readonly api: number };
  beforeAll(async () => {
    ({ lab, farm } = world());
    ports = { app: farm.hosts[0].target.port, api: farm.hosts[1].target.port };
    visitors = createServer((_request, response) => response.writeHead(answer).end());
    const port = await freePort();
    await new Promise<void>((listening) => visitors.listen(port, '127.0.0.1', listening));
    address = `http://127.0.0.1:${port}/`;
  });
  afterAll(() => {
    visitors.closeAllConnections();
    visitors.close();
  });

  /** Redeploys, and answers what was done where, in order, and how it ended. */
  const redeployed = async () => {
    await rm(join(farm.folder, 'did'), { force: true });
    const id = await recorded(lab.operator, '/ops redeploy farm');
    await press(lab.operator, 'Confirm', await lab.untilState(id, 'awaiting confirmation'));
    const state = await untilRow(lab, id, 'succeeded', 'failed', 'lost');
    const did = (await readFile(join(farm.folder, 'did'), 'utf8')).trim().split('\n');
    return { state, did: did.map((line) => line.replace(`${ports.app}`, 'app').replace(`${ports.api}`, 'api')), id };
  };
  const onBoth = (...words: readonly string[]) => words.flatMap((word) => [`${word} app`, `${word} api`]);
  const ended = async (id: string) => shown(await lab.untilState(id, ['succeeded', 'failed']));

  it('R2 a command for web heads runs on each host of the role app or api, once, however many roles it has', async () => {
    await succeeded(lab, lab.operator, `/ops settings set farm site_url ${address}`);
    const { state, did, id } = await redeployed();
    expect(await ended(id)).toContain('Apply the stored settings on farm-api');
    expect(state).toBe('succeeded');
    expect(did).toEqual(onBoth('validate', 'on', 'apply', 'health', 'off'));
  });

  it('P7 a host that fails leaves maintenance ON on all of them, and the card says that they may differ', async () => {
    await writeFile(join(farm.folder, `broken.${ports.api}`), '');
    const { state, did, id } = await redeployed();
    expect(state).toMatch(/^failed/);
    expect(did).toEqual(onBoth('validate', 'on', 'apply'));
    expect(await ended(id)).toMatch(/Maintenance stays ON[\s\S]*Of farm-app, farm-api some may have what is stored/);
    await rm(join(farm.folder, `broken.${ports.api}`));
  });

  it('P7 R32 visitors who get no answer after maintenance put it ON again, on every host', async () => {
    answer = 500;
    const { state, did, id } = await redeployed();
    expect(state).toMatch(/^failed/);
    expect(did).toEqual(onBoth('validate', 'on', 'apply', 'health', 'off', 'on'));
    const card = await ended(id);
    expect(card).toContain('Maintenance ON again (on) on farm-api');
    expect(card).toContain('Maintenance goes ON again on farm-app, farm-api');
    answer = 200;
  });
}
