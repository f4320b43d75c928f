import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, cardSays, said, untilRow } from '../../support/ask.ts';
import { DUMP_PASSWORD, type Lab, shown, startLab } from '../../support/lab.ts';
import { auditOf, ordered, untilLogged } from '../../support/story.ts';
import { until } from '../../support/until.ts';
import {
  canRunWholeHosts,
  createAppDatabase,
  defaultCacheDir,
  startEngine,
  startWholeHost,
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
  TOOLS,
} from '../../support/whole-host-lab.ts';

const possible = await canRunWholeHosts();
if (!possible.ok) console.warn(`whole-host-story.test.ts is skipped: ${possible.why}`);

/** An application under systemd whose configuration is written by a tool of its own, from the settings. */
const PROFILE = `
name: studio
title: Studio
extends: systemd
commands:
  config_apply: { run: [[${TOOLS}/configure, "{workers}"], [sudo, -n, systemctl, restart, "{unit}"]] }
  healthcheck: { run: [[systemctl, is-active, --quiet, "{unit}"], [test, -e, "{site_dir}/ready"]] }
settings:
  unit: { type: unit, default: studio.service, description: The unit. }
  workers: { type: integer, min: 1, max: 64, default: "4", description: Processes of the application. }
  wait_seconds: { type: integer, min: 1, default: "2", needs_redeploy: false, description: How long a start may take. }
  maintenance_flag: { type: path, default: ${SITE_DIR}/maintenance, description: File that the proxy looks for. }
`;
/** The application: it writes down whether it was started in maintenance, and is never ready with too many workers. */
const APPLICATION = `
cat >/etc/systemd/system/studio.service <<'END'
[Service]
EnvironmentFile=${SITE_DIR}/env
ExecStartPre=/bin/rm -f ${SITE_DIR}/ready
ExecStart=${TOOLS}/studio
END
cat >${TOOLS}/studio <<'END'
#!/bin/sh
if [ -e ${SITE_DIR}/maintenance ]; then echo "$WORKERS closed"; else echo "$WORKERS open"; fi >>${SITE_DIR}/starts
[ "$WORKERS" -ge 13 ] || touch ${SITE_DIR}/ready
exec sleep infinity
END
printf '#!/bin/sh\necho "WORKERS=$1" >${SITE_DIR}/env\n' >${TOOLS}/configure
chmod 755 ${TOOLS}/studio ${TOOLS}/configure
echo 'ops ALL=(root) NOPASSWD: /usr/bin/systemctl restart studio.service' >/etc/sudoers.d/studio
echo WORKERS=4 >${SITE_DIR}/env
chown ops ${SITE_DIR}/env
systemctl daemon-reload
systemctl start studio.service
`;

describe.skipIf(!possible.ok)('P2 P3 P5 P6 P7 a backup and a redeploy on a whole Debian host', () => {
  const undo = new AsyncDisposableStack();
  let lab: Lab;
  let host: WholeHost;
  const run = (script: string) => onHost(host, script);

  beforeAll(async () => {
    const engine = undo.use(await startEngine(defaultCacheDir()));
    [host, lab] = await Promise.all([startWholeHost(engine, { name: 'studio-app' }), startLab()]);
    undo.use(host);
    undo.use(lab);
    const made = await createAppDatabase(host, { password: DUMP_PASSWORD });
    await makeSiteDir(host);
    await dumpAfter(host, ':');
    const database = { host: '127.0.0.1', name: made.database, user: made.role, password_secret: 'studio-db' };
    const site = { ...studioSite(host, database), profile: 'studio' };
    await addCluster(lab, { name: 'studio', hosts: [hostEntry(host)], sites: [site] });
    const secret = join(lab.home, 'secrets', 'studio-db');
    await writeFile(secret, DUMP_PASSWORD, { mode: 0o600 });
    await chmod(secret, 0o600);
    await mkdir(join(lab.home, 'profiles'));
    await writeFile(join(lab.home, 'profiles', 'studio.yml'), PROFILE);
    await lab.bot();
  }, 900_000);
  afterAll(async () => {
    if (lab !== undefined) expect(lab.workspace.journal.violations).toEqual([]);
    await undo.disposeAsync();
  }, 60_000);

  it('is asked for, approved by two, run over the network, and lies there whole', async () => {
    const id = await ordered(lab, '/ops backup studio');
    expect(shown(await lab.untilState(id, 'awaiting approval'))).toContain('0 of 2 approvals');
    await lab.approve(id);
    const card = shown(await lab.untilState(id, ['succeeded', 'failed', 'lost']));
    expect(card).toContain('*succeeded*');
    expect(card).toMatch(/\/srv\/studio\/db_backup\/studio-\d{8}T\d{6}Z-9\.2\.0/);
    const [folder] = (await run(`ls ${SITE_DIR}/db_backup`)).trim().split('\n');
    await run(`cd ${SITE_DIR}/db_backup/${folder} && sha256sum --check --strict --quiet SHA256SUMS`);
    expect(await run(`cat ${SITE_DIR}/db_backup/${folder}/manifest.json`)).toContain('"studio.version":5000');
    await untilLogged(lab, id);
  });

  it('the host loses its power in the middle: lost, with the reason; Retry works when it is back', async () => {
    await dumpAfter(host, 'echo begun; sleep 600');
    const id = await ordered(lab, '/ops backup studio');
    await lab.approve(id);
    await until('the dump has begun', async () => {
      const [row] = await lab.rows<{ bytes: Buffer }>(
        `select bytes from twokey.chunk where jid = $1 and position('begun'::bytea in bytes) > 0`,
        [`${id}-2-1`],
      );
      return row;
    });
    await host.restart({ hard: true });
    const card = await lab.untilState(id, 'lost', 45_000);
    expect(shown(card)).toContain('Nobody knows how step 2 ended: the host was restarted in the middle of it.');
    expect(shown(card)).toContain(
      'press Retry to run the command again from the start, or Leave to close this as seen',
    );
    expect(await auditOf(lab, id)).toEqual(expect.arrayContaining(['step.lost 2', 'operation.lost']));
    expect(await run(`ls ${SITE_DIR}/db_backup`)).toContain('.partial');

    await dumpAfter(host, ':');
    await lab.operator.click('Retry', { in: card });
    const next = await until('another operation', async () => {
      const [row] = await lab.rows<{ id: string }>('select id from twokey.operation order by created_at desc limit 1');
      return row && row.id !== id ? row.id : null;
    });
    await lab.approve(next);
    expect(shown(await lab.untilState(next, ['succeeded', 'failed', 'lost']))).toContain('*succeeded*');
    const folders = (await run(`ls ${SITE_DIR}/db_backup`)).trim().split('\n');
    expect(folders).toHaveLength(2);
    expect(folders.join()).not.toContain('.partial');
    await lab.operator.click('Leave', { in: await lab.card(id) });
    await lab.told(lab.operator, /Closed as seen by you/);
    expect(await auditOf(lab, id)).toContain('operation.seen');
  }, 120_000);

  const approved = async (line: string): Promise<string> => {
    const id = await ordered(lab, line);
    await lab.approve(id);
    return id;
  };
  const done = async (line: string): Promise<string> => {
    const id = await approved(line);
    expect(await untilRow(lab, id, 'succeeded', 'failed', 'lost')).toBe('succeeded');
    return id;
  };
  const inMaintenance = async () => (await host.exec(['test', '-e', `${SITE_DIR}/maintenance`])).code === 0;
  const diff = async () => said(await ask(lab.operator, '/ops settings diff studio'));

  it('R17 R32 a redeploy makes a stored setting hold: in maintenance, restarted, healthy, and nothing waits', async () => {
    await run(APPLICATION);
    const mainPid = async () => (await run('systemctl show -p MainPID --value studio.service')).trim();
    const before = await mainPid();
    await done('/ops settings set studio workers 8');
    expect(await diff()).toMatch(/Redeploy pending[\s\S]*\/ops redeploy studio/);

    const id = await ordered(lab, '/ops redeploy studio');
    const waiting = await cardSays(lab, id, /What it does/);
    expect(waiting).toContain('Makes version 1 of the settings of studio hold; Twokey has not deployed any before.');
    expect(waiting).toContain(`${TOOLS}/configure 8, then sudo -n systemctl restart studio.service`);
    expect(waiting).toContain('Takes no backup: a verified one');
    await lab.approve(id);
    expect(shown(await lab.untilState(id, ['succeeded', 'failed', 'lost']))).toMatch(/succeeded[\s\S]*version 1 runs/);
    const after = await mainPid();
    expect(after).not.toBe(before);
    expect(await run(`tr '\\0' '\\n' </proc/${after}/environ`)).toContain('WORKERS=8\n');
    expect(await run(`cat ${SITE_DIR}/starts`)).toBe('4 open\n8 closed\n');
    expect(await inMaintenance()).toBe(false);
    expect(await diff()).toMatch(/No setting of studio differs.*version 1 runs/);
    expect(await auditOf(lab, id)).toContain('operation.succeeded');
  }, 60_000);

  it('P2 P7 settings set after an approval void it; a site that stays ill stays in maintenance, with the way back', async () => {
    await done('/ops settings set studio workers 12');
    const id = await ordered(lab, '/ops redeploy studio');
    await lab.approverA.click('Approve', { in: await lab.card(id) });
    await done('/ops settings set studio workers 13');
    await lab.approverB.click('Approve', { in: await lab.card(id) });
    expect(await cardSays(lab, id, /no longer what was approved/)).toContain('12 → 13');
    expect(await run(`cat ${SITE_DIR}/starts`)).toBe('4 open\n8 closed\n');
    await lab.approve(id);
    const card = shown(await lab.untilState(id, ['succeeded', 'failed', 'lost']));
    expect(card).toContain('The site did not become healthy in time.');
    expect(card).toContain('Maintenance stays ON: nobody can work on studio.');
    expect(card).toContain('`settings rollback studio 1`, then `redeploy studio`');
    expect(await inMaintenance()).toBe(true);
    const logged = await lab.rows<{ step: string; text: string }>(
      `select s.step, convert_from(string_agg(c.bytes, ''::bytea order by c.start), 'UTF8') as text
         from twokey.step s join twokey.job j on j.operation = s.operation and j.n = s.n join twokey.chunk c on c.jid = j.jid
        where s.operation = $1 group by s.step`,
      [id],
    );
    expect(logged.find((one) => one.step === 'health.check')?.text).toMatch(/not healthy after \d+ s: the healthcheck/);
    expect(await diff()).toMatch(/what runs is not certain[\s\S]*Redeploy pending/);

    // Stored again is what surely ran, yet a redeploy is still needed: the host has the other.
    await done('/ops settings rollback studio 1');
    expect(await diff()).toContain('Redeploy pending');
    const last = await done('/ops redeploy studio');
    expect(shown(await lab.untilState(last, 'succeeded'))).toContain('The way back: `settings rollback studio 1`');
    expect(await inMaintenance()).toBe(false);
    expect(await run(`tail -n 1 ${SITE_DIR}/starts`)).toBe('8 closed\n');
    expect(await diff()).toMatch(/version 4 runs/);
  }, 60_000);
});
