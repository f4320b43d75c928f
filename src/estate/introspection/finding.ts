import { quote } from '../../shell/quote.ts';

/** `unknown` is a severity of its own: something could not be looked at, so nobody may say that it is right. */
export type Severity = 'critical' | 'warning' | 'unknown' | 'info';

/** Something about a host or a site that a person should know. */
export interface Finding {
  /** A constant word for the kind of finding. */
  readonly code: string;
  readonly severity: Severity;
  /** The file, site, container or unit that it is about; foreign text. */
  readonly subject: string;
  /** What it means. */
  readonly meaning: string;
  /** A command, to be typed on the host by a person, that would mend it; null when there is none. */
  readonly mend: string | null;
}

const ORDER: readonly Severity[] = ['critical', 'warning', 'unknown', 'info'];

/** The worst first. */
export function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((left, right) => ORDER.indexOf(left.severity) - ORDER.indexOf(right.severity));
}

/** A word of a command that a person will copy, so that no name found on a host can become syntax there. */
export function word(text: string): string {
  if (/^[A-Za-z0-9_./:@%+=,-]+$/.test(text)) return text;
  return quote(text.replaceAll('\0', '').toWellFormed());
}

/** The finding that a thing could not be read by the account that looked. */
export function unreadable(path: string, account: string, what: string): Finding {
  return {
    code: 'unreadable_config',
    severity: 'unknown',
    subject: path,
    meaning: `${what} cannot be read by ${account}, so nothing is known of what it says.`,
    mend: `sudo setfacl -m ${word(`u:${account}:rX`)} -- ${word(path)}`,
  };
}
