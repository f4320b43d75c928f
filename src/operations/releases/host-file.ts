import { basename } from 'node:path';
import { type HostLook, ListingReader } from '../../estate/release-listing.ts';
import { MANIFEST_LIMITS } from '../../estate/release-manifest.ts';
import type { Host } from '../../estate/types.ts';
import { sleep } from '../../kernel/clock.ts';
import { CodedError, type Refusal, refusal, refusalOf } from '../../kernel/errors.ts';
import { newUuid } from '../../kernel/ids.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { HostPort } from '../ports.ts';
import { CHECKSUM, MANIFEST, SIZE } from './host-scripts.ts';
import type { FoundFile } from './ports.ts';

/** How long a host may take to say how large a file is. */
const GLANCE_MS = 10_000;
/** How long a host may take to read a release once: some of them are large. */
const CHECKSUM_MS = 600_000;
/** The same for reading it four times and starting a program for each file in it. */
const MANIFEST_MS = 3_600_000;
/** How much the job may print: the longest listing that the limits of a manifest let through is shorter. */
const MOST_OUTPUT = 512 * 1024 * 1024;
/** How often a link that breaks is taken up again. */
const MOST_LOSSES = 5;
const AGAIN_MS = 1_000;

/** The checksum of a release that stays on a host. Refusals: bad_release, precheck_failed, and those of the host. */
export async function checksumOnHost(hosts: HostPort, host: Host, path: string): Promise<Result<string, Refusal>> {
  const ran = await hosts.run(host, CHECKSUM, { path }, { timeoutMs: CHECKSUM_MS });
  if (!ran.ok) return ran;
  const printed = new TextDecoder().decode(ran.value.output);
  const problem = /^\[problem\] (.*)$/m.exec(printed)?.[1];
  if (problem !== undefined) return err(refusal('bad_release', `${path} on ${host.name}: ${problem}.`));
  const sha256 = /^\[sha256\] ([0-9a-f]{64})$/m.exec(printed)?.[1];
  if (sha256 !== undefined) return ok(sha256);
  const why = /^\[unknown\] (.*)$/m.exec(printed)?.[1] ?? 'its checksum could not be taken';
  return err(refusal('precheck_failed', `${path} on ${host.name}: ${why}.`, 'It needs sha256sum and stat.'));
}

/** The size in bytes of a file on a host; null when it is not there. Refusals: those of the host. */
export async function sizeOnHost(hosts: HostPort, host: Host, path: string): Promise<Result<number | null, Refusal>> {
  const ran = await hosts.run(host, SIZE, { path }, { timeoutMs: GLANCE_MS });
  if (!ran.ok) return ran;
  const printed = new TextDecoder().decode(ran.value.output);
  if (/^\[gone\]$/m.test(printed)) return ok(null);
  const size = /^\[size\] (\d{1,15})$/m.exec(printed)?.[1];
  return size === undefined
    ? err(refusal('precheck_failed', `The account on ${host.name} cannot look into the folder of ${path}.`))
    : ok(Number(size));
}

/**
 * Reads a release that stays on a host, whole, and lists what it ships; in a job there, because that takes a while.
 * Nothing is unpacked. `told` hears how many of its files are hashed. Refusals: bad_release, and those of the host.
 */
export async function readOnHost(
  hosts: HostPort,
  host: Host,
  path: string,
  told: (progress: ListingReader['progress']) => void,
): Promise<Result<FoundFile, Refusal>> {
  const jid = `release-${newUuid()}`;
  const params = { path, most: String(MANIFEST_LIMITS.bytes) };
  const started = await hosts.start(host, { jid, body: MANIFEST, params, capBytes: MOST_OUTPUT });
  // When only the answer was lost, the job may run: it is followed like any other, and ended when it is not there.
  if (!started.ok && started.error.code !== 'link_lost') return started;
  const over = AbortSignal.timeout(MANIFEST_MS);
  const found = await follow(hosts, host, jid, over, told);
  // Whatever it came to, nothing of the job stays behind. A host that is away now keeps a small folder.
  if (!found.ok) await hosts.kill(host, jid, 2);
  await hosts.remove(host, jid);
  if (!found.ok) return err({ ...found.error, message: `${path} on ${host.name}: ${found.error.message}` });
  const place = { place: `host:${host.name}`, machine: host.name, path };
  return ok({ ...place, fileName: basename(path), ...found.value });
}

async function follow(
  hosts: HostPort,
  host: Host,
  jid: string,
  over: AbortSignal,
  told: (progress: ListingReader['progress']) => void,
): Promise<Result<HostLook, Refusal>> {
  const reader = new ListingReader(MANIFEST_LIMITS);
  let offset = 0;
  for (let losses = 0; ; losses += 1) {
    try {
      for await (const event of hosts.follow(host, jid, offset, over)) {
        if (event.kind === 'data') {
          reader.push(event.bytes);
          offset = event.offset + event.bytes.length;
          told(reader.progress);
        }
        if (event.kind !== 'end') continue;
        if (event.end.kind === 'exited' && event.end.size === offset) return ok(reader.end());
        return err(refusal('step_failed', 'the job that reads it ended before its time.', 'Send it again.'));
      }
      if (over.aborted)
        return err(refusal('bad_release', 'it takes too long.', 'Look at the host, then send it again.'));
    } catch (error) {
      if (error instanceof RangeError) return err(refusal('bad_release', `${error.message}.`));
      if (!(error instanceof CodedError)) throw error;
      if (losses >= MOST_LOSSES) return err(refusalOf(error));
    }
    await sleep(AGAIN_MS, over);
  }
}
