import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createJobs } from '../../../../src/adapters/ssh/jobs.ts';
import { ok } from '../../../../src/kernel/result.ts';
import type { JobEvent } from '../../../../src/shell/jobs.ts';
import type { HostTarget, Transport } from '../../../../src/shell/transport.ts';

let base: string;
let bin: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'jobs-'));
  bin = await mkdtemp(join(tmpdir(), 'bin-'));
});
afterAll(async () => {
  for (const folder of [base, bin]) await rm(folder, { recursive: true });
});

/** This machine's own shell in the place of a host's. */
const here = (path: string): Transport => ({
  async exec(_target, text) {
    const shell = spawn('/bin/sh', ['-s'], { env: { PATH: path }, stdio: ['pipe', 'pipe', 'ignore'] });
    const closed = once(shell, 'close').then(([code]: unknown[]) => ({ code: typeof code === 'number' ? code : null }));
    shell.stdin.end(text);
    return ok({ stdout: shell.stdout, closed, diagnostics: () => '', close: () => void shell.kill() });
  },
  borrow: () => Promise.reject(new Error('nothing is asked')),
  close: () => Promise.resolve(),
});

const target = (): HostTarget => ({
  name: 'app1',
  address: 'app1',
  port: 22,
  user: 'deploy',
  hostKeys: [],
  key: { agent: null },
  base,
});
const PATH = process.env.PATH ?? '/usr/bin:/bin';
/** A folder as an ended job leaves it. */
async function ended(jid: string, rc: string): Promise<string> {
  const folder = join(base, jid);
  await mkdir(join(folder, 'work'), { recursive: true });
  await writeFile(join(folder, 'rc'), rc);
  for (const file of ['out', 'cmd', 'sup', 'pid', 'pgid', 'result', '.hidden', 'work/-x y'])
    await writeFile(join(folder, file), 'abcdef');
  return folder;
}
const spec = (jid: string) => ({ jid, body: 'echo again', params: {} });

it('P3 a stripped job keeps nothing but its end, and is never run again', async () => {
  const folder = await ended('op-2-1', '3 6\n');
  const jobs = createJobs(here(PATH));
  expect(await jobs.strip(target(), 'op-2-1')).toEqual(ok(undefined));
  expect(await readdir(folder)).toEqual(['rc']);
  expect(await jobs.strip(target(), 'op-2-1')).toEqual(ok(undefined));
  expect(await jobs.start(target(), spec('op-2-1'))).toMatchObject({ value: { fresh: false } });
  for (const offset of [0, 4, 6]) {
    const events: JobEvent[] = [];
    for await (const event of jobs.follow(target(), 'op-2-1', offset)) events.push(event);
    expect(events).toMatchObject([{ kind: 'end', end: { kind: 'exited', code: 3, truncated: true } }]);
  }
  await rm(folder, { recursive: true });
});

it('P5 a job of which nobody knows the end is not stripped, and one that is not there is no trouble', async () => {
  const jobs = createJobs(here(PATH));
  const folder = await ended('op-3-1', '');
  await rm(join(folder, 'rc'));
  expect(await jobs.strip(target(), 'op-3-1')).toMatchObject({ error: { code: 'operation_ended' } });
  expect(await readdir(folder)).toHaveLength(8);
  await rm(folder, { recursive: true });
  expect(await jobs.strip(target(), 'op-3-1')).toEqual(ok(undefined));
});

it('a folder that cannot be emptied is said', async () => {
  const folder = await ended('op-4-1', '0 6\n');
  const deaf = join(bin, 'deaf');
  await mkdir(deaf);
  await writeFile(join(deaf, 'rm'), '#!/bin/sh\nexit 1\n');
  await chmod(join(deaf, 'rm'), 0o755);
  expect(await createJobs(here(`${deaf}:${PATH}`)).strip(target(), 'op-4-1')).toMatchObject({
    error: { code: 'precheck_failed', message: expect.stringContaining(folder) },
  });
  await rm(folder, { recursive: true });
});

it('the folder of an ended job counts as removed only when it is gone', async () => {
  await mkdir(join(base, 'op-1-1'));
  await writeFile(join(base, 'op-1-1', 'rc'), '0 0\n');
  await writeFile(join(bin, 'rm'), '#!/bin/sh\nexit 1\n');
  await chmod(join(bin, 'rm'), 0o755);
  const refused = await createJobs(here(`${bin}:${PATH}`)).remove(target(), 'op-1-1');
  expect(refused).toMatchObject({
    error: { code: 'precheck_failed', message: expect.stringContaining(`${base}/op-1-1`) },
  });
  expect(await createJobs(here(PATH)).remove(target(), 'op-1-1')).toEqual(ok(undefined));
  expect(await createJobs(here(PATH)).remove(target(), 'op-1-1')).toEqual(ok(undefined));
  expect(await readdir(base)).toEqual([]);
});
