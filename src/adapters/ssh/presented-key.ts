import type { Duplex } from 'node:stream';

import type { Refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { HostTarget } from '../../shell/transport.ts';
import { presentedKey } from './connect.ts';
import type { ConnectFailure, Driver } from './driver.ts';
import { publicKeyLine } from './hostkey.ts';
import { createOpensshDriver } from './openssh/driver.ts';
import { wayThroughLink } from './openssh/way.ts';
import { createPool } from './pool.ts';
import { ofBastion } from './refusals.ts';
import { forward, ssh2Driver } from './ssh2-driver.ts';
import { needsProgram } from './transport.ts';

/** How a link to a bastion is made into a way to the host behind it. */
type Forward<L> = (
  bastion: L,
  name: string,
  target: HostTarget,
  timeoutMs: number,
) => Promise<Result<Duplex, ConnectFailure>>;

/** Longer than any look, in milliseconds: a link is ended with its look, and by itself only when Twokey died meanwhile. */
const IDLE_MS = 60_000;

/**
 * The public key line that a host presents now, pinned or not, for a person to compare before it is pinned. Nobody
 * authenticates there, so that our own key need not be at hand. Bastions are passed as ever: pinned, and with our key.
 */
export async function readHostKey(target: HostTarget, timeoutMs = 10_000): Promise<Result<string, Refusal>> {
  const { jump } = target;
  if (jump === undefined) return lineOf(await presentedKey(target, { timeoutMs }));
  if (!needsProgram(jump)) return behind(ssh2Driver, forward, jump, target, timeoutMs);
  const driver = createOpensshDriver(IDLE_MS);
  try {
    return await behind(driver, wayThroughLink, jump, target, timeoutMs);
  } finally {
    await driver.dispose();
  }
}

async function behind<L>(
  driver: Driver<L>,
  wayTo: Forward<L>,
  jump: HostTarget,
  target: HostTarget,
  timeoutMs: number,
): Promise<Result<string, Refusal>> {
  const pool = createPool(driver, { idleMs: IDLE_MS });
  try {
    const got = await pool.acquire(jump, { timeoutMs, forwards: true });
    if (!got.ok) return err(ofBastion(jump, target, got.error));
    if (got.value.link === null) throw new Error('a connection without a link');
    const way = await wayTo(got.value.link, jump.name, target, timeoutMs);
    if (!way.ok) return err(way.error.refusal);
    const presented = await presentedKey(target, { timeoutMs, via: way.value });
    way.value.destroy();
    return lineOf(presented);
  } finally {
    await pool.close();
  }
}

function lineOf(presented: Result<Buffer, Refusal>): Result<string, Refusal> {
  return presented.ok ? ok(publicKeyLine(presented.value)) : presented;
}
