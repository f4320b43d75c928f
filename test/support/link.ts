import { createJobs } from '../../src/adapters/ssh/jobs.ts';
import type { Jobs } from '../../src/shell/jobs.ts';
import type { HostTarget, Transport } from '../../src/shell/transport.ts';
import { startSshd, type TestSshd } from './sshd.ts';

/** A host of a test's own and our way to it, which end together. */
export interface TestLink extends AsyncDisposable {
  readonly sshd: TestSshd;
  readonly target: HostTarget;
  readonly transport: Transport;
  readonly jobs: Jobs;
}

/** Starts an sshd, and a transport that nothing has been connected over yet. */
export async function openLink(create: () => Transport): Promise<TestLink> {
  const sshd = await startSshd();
  const transport = create();
  return {
    sshd,
    target: sshd.target,
    transport,
    jobs: createJobs(transport),
    async [Symbol.asyncDispose]() {
      await transport.close();
      await sshd[Symbol.asyncDispose]();
    },
  };
}
