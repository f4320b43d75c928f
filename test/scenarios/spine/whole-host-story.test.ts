import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
} from '../../support/whole-host-lab.ts';

const possible = await canRunWholeHosts();
if (!possible.ok) console.warn(`whole-host-story.test.ts is skipped: ${possible.why}`);

describe.skipIf(!possible.ok)('P3 P5 P6 a backup on a whole Debian host', () => {
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
    await addCluster(lab, { name: 'studio', hosts: [hostEntry(host)], sites: [studioSite(host, database)] });
    const secret = join(lab.home, 'secrets', 'studio-db');
    await writeFile(secret, DUMP_PASSWORD, { mode: 0o600 });
    await chmod(secret, 0o600);
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
});
