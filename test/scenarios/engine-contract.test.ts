import { readFile } from 'node:fs/promises';
import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { until } from '../support/until.ts';

/** Recovery of another process's work is no public function of the engine; this pins what we lean on. */
describe('P3 what the engine’s internal recovery promises', () => {
  let postgres: TestPostgres;
  let client: DBOSClient;
  const ran: string[] = [];

  beforeAll(async () => {
    postgres = await startPostgres();
    await postgres.create('engine');
    const url = postgres.url('engine');
    DBOS.registerWorkflow(
      async (name: string) => {
        await DBOS.runStep(() => Promise.resolve(ran.push(name)), { name: 'run' });
        return name;
      },
      { name: 'contract', maxRecoveryAttempts: 1_000_000 },
    );
    DBOS.setConfig({
      name: 'contract',
      systemDatabaseUrl: url,
      applicationVersion: 'v',
      executorID: 'alive',
      logLevel: 'error',
    });
    await DBOS.launch();
    await DBOS.registerQueue('sites', {
      partitionConcurrency: 1,
      minPollingIntervalMs: 50,
      onConflict: 'always_update',
    });
    client = await DBOSClient.create({ systemDatabaseUrl: url, applicationName: 'contract' });
  });
  afterAll(async () => {
    await client.destroy();
    await DBOS.shutdown();
    await postgres[Symbol.asyncDispose]();
  });

  it('is pinned to the version that was measured', async () => {
    const lock: unknown = JSON.parse(await readFile(new URL('../../package-lock.json', import.meta.url), 'utf8'));
    expect(lock).toMatchObject({ packages: { 'node_modules/@dbos-inc/dbos-sdk': { version: '5.3.0' } } });
    expect(typeof DBOSExecutor.globalInstance?.recoverPendingWorkflows).toBe('function');
  });

  it('puts the pending work of a dead executor back into its queue and partition, and it runs once', async () => {
    await client.enqueue(
      { workflowName: 'contract', queueName: 'sites', queuePartitionKey: 'acme', workflowID: 'op:1', appVersion: 'v' },
      'op:1',
    );
    await until('the first run', () => ran.length === 1);
    await until('its outcome', async () => (await client.retrieveWorkflow('op:1').getStatus())?.status === 'SUCCESS');
    // What a process that was killed in the middle leaves behind.
    await postgres.query(
      'engine',
      `update dbos.workflow_status set status = 'PENDING', executor_id = 'dead', output = null where workflow_uuid = 'op:1'`,
    );
    await postgres.query('engine', `delete from dbos.operation_outputs where workflow_uuid = 'op:1'`);
    await DBOSExecutor.globalInstance?.recoverPendingWorkflows(['dead']);
    await until('the second run', () => ran.length === 2);
    const [row] = await postgres.query<{ queue: string; partition: string; executor: string }>(
      'engine',
      `select queue_name as queue, queue_partition_key as partition, executor_id as executor from dbos.workflow_status where workflow_uuid = 'op:1'`,
    );
    expect(row).toEqual({ queue: 'sites', partition: 'acme', executor: 'alive' });
    expect(ran).toEqual(['op:1', 'op:1']);
  });

  it('leaves the work of living executors alone', async () => {
    await postgres.query(
      'engine',
      `update dbos.workflow_status set status = 'PENDING', executor_id = 'other' where workflow_uuid = 'op:1'`,
    );
    await DBOSExecutor.globalInstance?.recoverPendingWorkflows(['dead']);
    const [row] = await postgres.query<{ status: string; executor: string }>(
      'engine',
      `select status, executor_id as executor from dbos.workflow_status where workflow_uuid = 'op:1'`,
    );
    expect(row).toEqual({ status: 'PENDING', executor: 'other' });
  });

  it('commits an enqueue with the caller’s own transaction, or not at all', async () => {
    const { default: pg } = await import('pg');
    const own = new pg.Client({ connectionString: postgres.url('engine') });
    await own.connect();
    const options = (id: string) => ({
      workflowName: 'contract',
      queueName: 'sites',
      queuePartitionKey: 'acme',
      workflowID: id,
      appVersion: 'v',
    });
    await own.query('begin');
    await client.enqueueInTransaction(own, options('gone:1'), 'gone:1');
    await own.query('rollback');
    await own.query('begin');
    await client.enqueueInTransaction(own, options('kept:1'), 'kept:1');
    await own.query('commit');
    await own.end();
    expect(await client.retrieveWorkflow('gone:1').getStatus()).toBeNull();
    expect(await client.retrieveWorkflow('kept:1').getStatus()).not.toBeNull();
  });
});
