import { hostKeyInWords, readKeyLine } from '../../../estate/host-key.ts';
import { type Refusal, refusal } from '../../../kernel/errors.ts';
import type { HostTarget } from '../../../shell/transport.ts';
import type { ConnectFailure } from '../driver.ts';
import { keyUnusable, noCommonWay, notLetIn, noWayBehind, unreachable } from '../refusals.ts';

/** What ssh said while it connected in vain, in the words of the other transport. */
export function connectFailure(
  target: HostTarget,
  said: string,
  /** The bastion it went through, and what was said on that way. */
  through?: { readonly name: string; readonly said: string },
): ConnectFailure {
  const lines = said.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('debug'));
  const last = lines.at(-1) ?? 'ssh ended without a word';
  const once = (refused: Refusal): ConnectFailure => ({ refusal: refused, retry: false });
  if (through !== undefined && through.said !== '') {
    const why = through.said.trim().split('\n')[0] ?? '';
    const bastionLost = !why.includes('refused by peer');
    return { ...once(noWayBehind(through.name, target, why)), bastionLost };
  }
  if (said.includes('Host key verification failed') || said.includes('REMOTE HOST IDENTIFICATION HAS CHANGED')) {
    return once(wrongKey(target, said));
  }
  if (said.includes('Permission denied (') || said.includes('Too many authentication failures')) {
    const unusable = /^(?:Load key "[^"]*": |debug1: key_load_\w+: )(.*)$/m.exec(said)?.[1];
    if (unusable !== undefined) return once(keyUnusable(target, unusable));
    // The host would have taken it, or was never offered it: we could not open it.
    const shut = 'file' in target.key && /Server accepts key|Trying private key/.test(said);
    return once(shut ? keyUnusable(target, 'its passphrase is wrong or missing') : notLetIn(target, last));
  }
  if (said.includes('Unable to negotiate')) return once(noCommonWay(target, last));
  if (said.includes('Bad configuration option')) {
    const next = 'Install a newer ssh program beside Twokey (Debian: openssh-client).';
    return once(refusal('bad_configuration', `the ssh program here cannot be used for ${target.name}: ${last}`, next));
  }
  const busy = /Connection (?:reset|closed) by|Broken pipe/.test(said);
  return { refusal: unreachable(target, last.replace(/^ssh: /, '')), retry: busy };
}

function wrongKey(target: HostTarget, said: string): Refusal {
  const [, type = 'a key', print = ''] = /Server host (?:key|certificate): (\S+) (SHA256:[^\s,]+)/.exec(said) ?? [];
  const shown = `${type} ${print}`.trim();
  const certificate = /^(?:Certificate invalid: .*|No .* found for CA.*)$/m.exec(said)?.[0];
  const pinned = target.hostKeys.map((line) => hostKeyInWords(readKeyLine(line)));
  if (certificate !== undefined) {
    return refusal('host_key_changed', `${target.name} presents the certificate ${shown}: ${certificate}`);
  }
  if (pinned.length === 0 && (target.hostAuthorities ?? []).length === 0) {
    return refusal('host_key_unknown', `no host key of ${target.name} is pinned; it presents ${shown}`);
  }
  const trusted = [
    ...pinned,
    ...((target.hostAuthorities ?? []).length > 0 ? ['an authority that has not signed it'] : []),
  ];
  return refusal('host_key_changed', `${target.name} presents the key ${shown}, but pinned is ${trusted.join(', ')}`);
}
