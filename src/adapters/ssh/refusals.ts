import { messageOf, type Refusal, refusal } from '../../kernel/errors.ts';
import type { HostTarget } from '../../shell/transport.ts';

/** The one wording for a host that cannot be reached. */
export function unreachable(target: HostTarget, why: string): Refusal {
  return refusal('host_unreachable', `${target.name} (${target.address}:${target.port}) cannot be reached: ${why}`);
}

/** A host that its own bastion cannot reach, which is not the bastion's fault. */
export function noWayBehind(bastion: string, target: HostTarget, why: string): Refusal {
  const next = `Check that ${target.name} is up, and that ${bastion} may connect to its port ${target.port}.`;
  return { ...unreachable(target, `the bastion ${bastion} finds no way to it: ${why}`), next };
}

/** A failure of the bastion itself: whatever is wrong, it is not wrong with the host behind it. */
export function ofBastion(jump: HostTarget, target: HostTarget, refused: Refusal): Refusal {
  const its = { ...refused, message: `the bastion of ${target.name}: ${refused.message}`, fault: 'bastion' } as const;
  if (refused.code !== 'host_unreachable' || jump.jump !== undefined) return its;
  return { ...its, next: `Check the bastion ${jump.name}: that it is up and that SSH answers there.` };
}

/** The two sides have no way of speaking in common. */
export function noCommonWay(target: HostTarget, why: string): Refusal {
  const next = `Update sshd on ${target.name}, or let it offer newer algorithms.`;
  return { ...refusal('protocol_error', `${target.name} and Twokey: ${why}`, next), fault: 'handshake' };
}

export function notLetIn(target: HostTarget, why: string): Refusal {
  return refusal('host_auth_failed', `${target.name} does not let ${target.user} in: ${why}`);
}

export function keyUnusable(target: HostTarget, why: string): Refusal {
  return ofKey(refusal('host_auth_failed', `the key for ${target.name} cannot be used: ${why}`));
}

export function noAgent(target: HostTarget): Refusal {
  const next = 'Start Twokey with SSH_AUTH_SOCK set, or name the socket: `agent: /path` in the estate.';
  return ofKey(refusal('host_auth_failed', `the key for ${target.name} is in an ssh-agent, and there is none`, next));
}

export function keyUnreadable(target: HostTarget, error: unknown): Refusal {
  return ofKey(refusal('host_auth_failed', `the key for ${target.name} cannot be read: ${messageOf(error)}`));
}

function ofKey(refused: Refusal): Refusal {
  return { ...refused, fault: 'own key' };
}
