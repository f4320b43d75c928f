import type { Contact } from '../../src/operations/estate/book.ts';
import type { HostCheck } from '../../src/operations/estate/dial.ts';
import type { Span } from './answer.ts';

/** A clock that is off by more than this is worth saying aloud, in seconds. */
const CLOCK_MATTERS = 5;

const KEY_WORDS = {
  ok: 'key ok',
  changed: 'KEY CHANGED: it is not the pinned one',
  unknown: 'key unknown',
} as const;

/** One sentence about a look at a host; `now` is the database's time. */
export function checkInWords(host: string, check: HostCheck, now: Date): string {
  if (check.problem?.code === 'no_shell') return `not connected: ${check.problem.message}`;
  if (check.problem !== null) {
    const key = check.problem.code === 'host_unreachable' ? '' : ` (${KEY_WORDS[check.key]})`;
    return `not connected: ${host}: ${check.problem.message}${key}`;
  }
  const { sudo } = check;
  return [
    `connected in ${check.tookMs} ms`,
    KEY_WORDS[check.key],
    `logged in as ${check.login ?? 'nobody'}`,
    ...(sudo === null ? [] : [sudo.ok ? `sudo to ${sudo.value} works` : `sudo does NOT work: ${sudo.error.message}`]),
    clockInWords(check.clock, now),
  ].join(', ');
}

function clockInWords(clock: number | null, now: Date): string {
  if (clock === null) return 'clock unknown';
  const off = Math.round(clock - now.getTime() / 1000);
  if (Math.abs(off) <= 1) return 'clock right';
  const words = `clock ${Math.abs(off)} s ${off > 0 ? 'ahead' : 'behind'}`;
  return Math.abs(off) > CLOCK_MATTERS ? `${words}: set it, or times in logs will not fit` : words;
}

/** What to do about it, or null when all is well. */
export function nextAfter(host: string, check: HostCheck): string | null {
  if (check.problem?.fault !== undefined) return check.problem.next;
  if (check.problem?.code === 'host_key_changed')
    return `Find out why the key of ${host} changed; only then \`host rekey ${host}\`.`;
  if (check.problem?.code === 'host_key_unknown') return `Pin its key with \`host rekey ${host}\`.`;
  if (check.problem !== null) return check.problem.next;
  return check.sudo !== null && !check.sudo.ok
    ? `Let the account use sudo without a password, or \`host edit ${host} --unset sudo\`.`
    : null;
}

/** What is known of the last contact with a host, with its time. */
export function contactSpans(contact: Contact | undefined, host: string): Span[] {
  if (!contact) return ['not looked at yet; ', { code: `host test ${host}` }];
  const last: Span[] =
    contact.answered || contact.answeredAt === null
      ? []
      : ['; it last answered ', { at: contact.answeredAt, style: 'day-time' }];
  return [contact.words, ', ', { at: contact.at, style: 'day-time' }, ...last];
}
