import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createJobs } from '../../../src/adapters/ssh/jobs.ts';
import type { HostTarget } from '../../../src/shell/transport.ts';
import { collected, told, unwrap } from '../../support/answers.ts';
import { DUMP_PASSWORD, type Lab, shown, startLab } from '../../support/lab.ts';
import { ordered } from '../../support/story.ts';
import { TRANSPORTS } from '../../support/transports.ts';
import { until } from '../../support/until.ts';
import {
  canRunWholeHosts,
  createAppDatabase,
  defaultCacheDir,
  startEngine,
  type WholeHost,
} from '../../support/whole-host.ts';
import {
  addCluster,
  dumpAfter,
  hostEntry,
  makeSiteDir,
  onHost,
  SITE_DIR,
  studioSite,
} from '../../support/whole-host-lab.ts';
import { run } from '../../support/whole-host-run.ts';
import { startWholeNetwork, type WholeNetwork } from '../../support/whole-network.ts';

const possible = await canRunWholeHosts();
if (!possible.ok) console.warn(`network.test.ts is skipped: ${possible.why}`);

/** Prints a line each tenth of a second, 40 of them, and then dumps. */
const SLOW_DUMP = 'i=0; while [ $i -lt 40 ]; do echo "line $i"; i=$((i+1)); sleep 0.1; done >&2';

describe.skipIf(!possible.ok)('hosts behind a bastion', () => {
  const undo = new AsyncDisposableStack();
  let lab: Lab;
  let network: WholeNetwork;
  let bastion: HostTarget;
  let app: HostTarget;
  let database: HostTarget;

  beforeAll(async () => {
    const engine = undo.use(await startEngine(defaultCacheDir()));
    [network, lab] = await Promise.all([startWholeNetwork(engine), startLab({ workingHours: 'always' })]);
    undo.use(network);
    undo.use(lab);
    const target = (host: WholeHost, jump?: HostTarget): HostTarget => ({
      name: host.name,
      address: host.address,
      port: 22,
      user: host.user,
      hostKeys: host.hostKeys,
      key: { file: host.keyFile },
      base: '/var/tmp/twokey/jobs',
      ...(jump === undefined ? {} : { jump }),
    });
    bastion = target(network.bastion);
    app = target(network.app, bastion);
    database = target(network.database, app);

    const made = await createAppDatabase(network.database, { password: DUMP_PASSWORD });
    const { address } = network.database;
    await onHost(
      network.database,
      `cd /etc/postgresql/15/main &&
       echo "host ${made.database} ${made.role} ${network.appAsSeenByDatabase}/32 scram-sha-256" >>pg_hba.conf &&
       echo "listen_addresses = 'localhost, ${address}'" >>postgresql.conf && systemctl restart postgresql@15-main`,
    );
    await makeSiteDir(network.app);
    await dumpAfter(network.app, ':');
    await addCluster(lab, {
      name: 'studio',
      hosts: [hostEntry(network.bastion), { ...hostEntry(network.app), jump: network.bastion.name }],
      sites: [
        studioSite(network.app, { host: address, name: made.database, user: made.role, password_secret: 'acme-db' }),
      ],
    });
    await lab.bot();
  }, 900_000);
  afterAll(async () => {
    if (lab !== undefined) expect(lab.workspace.journal.violations).toEqual([]);
    await undo.disposeAsync();
  }, 60_000);

  it('are out of reach from here, and of each other where they have no business', async () => {
    const listens = (host: WholeHost, port: number) =>
      run('timeout', ['1', 'bash', '-c', `: </dev/tcp/${host.address}/${port}`]);
    expect((await listens(network.bastion, 22)).code).toBe(0);
    expect((await listens(network.app, 22)).code).not.toBe(0);
    expect((await listens(network.database, 5432)).code).not.toBe(0);
    const fromBastion = ['timeout', '1', 'bash', '-c', `: </dev/tcp/${network.database.address}/5432`];
    expect((await network.bastion.exec(fromBastion)).code).not.toBe(0);
  });

  it('R12 R13 a backup goes over the bastion to the app host, and from there by libpq to a database host without a login', async () => {
    const id = await ordered(lab, '/ops backup studio');
    const card = shown(await lab.untilState(id, ['succeeded', 'failed', 'lost'], 45_000));
    expect(card).toContain('*succeeded*');
    const folder = (await onHost(network.app, `ls ${SITE_DIR}/db_backup`)).trim();
    await onHost(network.app, `cd ${SITE_DIR}/db_backup/${folder} && sha256sum --check --strict --quiet SHA256SUMS`);
    expect(await onHost(network.app, `cat ${SITE_DIR}/db_backup/${folder}/manifest.json`)).toContain(
      '"studio.version":5000',
    );
    expect((await onHost(network.database, 'ls /var/tmp')).includes('twokey')).toBe(false);
  });

  it('P3 the bastion is cut off in the middle of a job: unreachable, named, and on at the byte where it stopped', async () => {
    await dumpAfter(network.app, SLOW_DUMP);
    const id = await ordered(lab, '/ops backup studio');
    const stored = async () => {
      const [row] = await lab.rows<{ stored: number }>(
        'select coalesce(sum(stored_bytes), 0)::int as stored from twokey.job where jid = $1',
        [`${id}-2-1`],
      );
      return row?.stored ?? 0;
    };
    await until('output streams', async () => (await stored()) > 20, 20_000);
    // The cut comes when nobody is left to say goodbye, and before anybody is told: what is said into a cut link is lost.
    await onHost(
      network.bastion,
      'systemctl stop ssh; pkill -KILL sshd; while pgrep -x sshd >/dev/null; do sleep 0.05; done',
    );
    await network.bastion.cutLink();
    try {
      await lab.untilState(id, 'unreachable', 45_000);
    } finally {
      await network.bastion.healLink();
    }
    const before = await stored();
    const refused = await until(
      'the reason names the bastion',
      async () => {
        const text = shown(await lab.card(id));
        return /the bastion of studio-app: bastion .*ECONNREFUSED/.test(text) ? text : null;
      },
      40_000,
    );
    expect(refused).not.toContain('*failed*');
    expect(await stored()).toBe(before);
    await onHost(network.bastion, 'systemctl start ssh');
    expect(shown(await lab.untilState(id, ['succeeded', 'failed', 'lost'], 60_000))).toContain('*succeeded*');
    const chunks = await lab.rows<{ bytes: Buffer }>('select bytes from twokey.chunk where jid = $1 order by start', [
      `${id}-2-1`,
    ]);
    const lines = Buffer.concat(chunks.map(({ bytes }) => bytes)).toString();
    expect(lines.match(/^line \d+$/gm)).toEqual(Array.from({ length: 40 }, (_, line) => `line ${line}`));
  }, 150_000);

  describe.each(TRANSPORTS)('over $way', ({ create }) => {
    const transport = create();
    const jobs = createJobs(transport);
    afterAll(() => transport.close());

    it('R13 goes over two bastions, and a host that is down is told from a bastion that is', async () => {
      expect(unwrap(await jobs.run(database, 'hostname', {})).output.toString()).toBe('studio-db\n');

      await onHost(network.database, 'systemctl stop ssh; pkill -KILL sshd; true');
      const down = await jobs.probe(database);
      await onHost(network.database, 'systemctl start ssh');
      expect(told(down)).toMatch(/^host_unreachable: studio-db .*the bastion studio-app finds no way to it/);
      expect(down.ok ? '' : down.error.next).toContain('Check that studio-db is up');

      await onHost(network.bastion, 'systemctl stop ssh; pkill -KILL sshd; true');
      const cut = await jobs.probe(app);
      await onHost(network.bastion, 'systemctl start ssh');
      expect(told(cut)).toMatch(/^host_unreachable: the bastion of studio-app: bastion .*refused/i);
      expect(told(await jobs.run(app, 'true', {}))).toBe('ok');
    }, 60_000);

    it.each(['/bin/tcsh', '/bin/ash', '/usr/bin/fish', '/bin/bash'])(
      'runs jobs and questions for an account whose login shell is %s',
      async (shell) => {
        await onHost(
          network.bastion,
          `[ -e /bin/ash ] || ln -s /bin/busybox /bin/ash; usermod --shell ${shell} ${bastion.user}`,
        );
        // A connection keeps the shell that the account had when it was made.
        const fresh = create();
        const anew = createJobs(fresh);
        const jid = `shell-${shell.split('/').at(-1)}-${create.name}`;
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is shell
        const body = 'echo "$SHELL ${P_word}! !! `id -un`"; ps -o comm= -p "$$"; exit 5';
        unwrap(await anew.start(bastion, { jid, body, params: { word: "it's !! $HOME\n" } }));
        const { output, end } = await collected(anew.follow(bastion, jid, 0));
        expect(output.toString()).toBe(`${shell} it's !! $HOME\n! !! ops\nsh\n`);
        expect(end).toMatchObject({ kind: 'exited', code: 5 });
        const asked = async (word: string) =>
          unwrap(await anew.run(bastion, 'echo "$P_word $$"', { word })).output.toString();
        const pid = (await asked("it's !! $HOME")).split(' ').at(-1);
        expect(await asked('!$ \\')).toBe(`!$ \\ ${pid}`);
        await fresh.close();
      },
    );

    it('P10 works as another user by sudo, and says which line is missing when it may not', async () => {
      const base = '/var/tmp/twokey-studio/jobs';
      const asStudio: HostTarget = { ...bastion, sudo: 'studio', base };
      await onHost(
        network.bastion,
        `id studio >/dev/null 2>&1 || useradd --create-home studio; rm -rf /etc/sudoers.d/twokey /var/tmp/twokey-studio`,
      );
      const refused = await jobs.probe(asStudio);
      const line = 'ops ALL=(studio) NOPASSWD: /bin/sh -s';
      expect(told(refused)).toMatch(
        /^host_auth_failed: on bastion, sudo does not let ops run `\/bin\/sh -s` as studio: sudo: a password is required/,
      );
      expect(refused.ok ? '' : refused.error.next).toContain(line);

      await network.bastion.exec(['sh', '-c', 'cat >/etc/sudoers.d/twokey; visudo -cf /etc/sudoers.d/twokey'], {
        input: `${line}\n`,
      });
      await jobs.start(asStudio, { jid: 'mine', body: 'id -un; exec sleep 60', params: {} });
      expect(unwrap(await jobs.state(asStudio, 'mine')).kind).toBe('running');
      expect(await onHost(network.bastion, `stat -c '%U %a' ${base}/mine; cat ${base}/mine/out`)).toBe(
        'studio 700\nstudio\n',
      );
      expect(unwrap(await jobs.kill(asStudio, 'mine', 1))).toMatchObject({ kind: 'exited', cancelled: true });
      const hangs = 'id -un >"$P_file"; echo $$ >>"$P_file"; sleep 3456';
      const file = '/var/tmp/twokey-studio/asked';
      const hung = await jobs.run(asStudio, hangs, { file }, { timeoutMs: 500 });
      expect(told(hung)).toMatch(/^link_lost: .*took too long/);
      await until(
        'it has ended',
        async () => (await onHost(network.bastion, 'pgrep -fx "sleep 3456" || echo none')) === 'none\n',
      );
      expect(await onHost(network.bastion, `head -n 1 ${file}`)).toBe('studio\n');
      // The line gives that one command as that one user, and nothing else.
      const more = 'sudo -n -u studio /bin/sh -c id || sudo -n -u root /bin/sh -s </dev/null || echo no';
      expect(unwrap(await jobs.run(bastion, more, {})).output.toString()).toMatch(/no\n$/);
    });
  });
});
