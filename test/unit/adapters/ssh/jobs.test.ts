import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createJobs } from '../../../../src/adapters/ssh/jobs.ts';
import { ok } from '../../../../src/kernel/result.ts';
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

it('the folder of an ended job counts as removed only when it is gone', async () => {
  const target: HostTarget = {
    name: 'app1',
    address: 'app1',
    port: 22,
    user: 'deploy',
    hostKeys: [],
    key: { agent: null },
    base,
  };
  await mkdir(join(base, 'op-1-1'));
  await writeFile(join(base, 'op-1-1', 'rc'), '0 0\n');
  await writeFile(join(bin, 'rm'), '#!/bin/sh\nexit 1\n');
  await chmod(join(bin, 'rm'), 0o755);
  const path = process.env.PATH ?? '/usr/bin:/bin';
  const refused = await createJobs(here(`${bin}:${path}`)).remove(target, 'op-1-1');
  expect(refused).toMatchObject({
    error: { code: 'precheck_failed', message: expect.stringContaining(`${base}/op-1-1`) },
  });
  expect(await createJobs(here(path)).remove(target, 'op-1-1')).toEqual(ok(undefined));
  expect(await createJobs(here(path)).remove(target, 'op-1-1')).toEqual(ok(undefined));
  expect(await readdir(base)).toEqual([]);
});
