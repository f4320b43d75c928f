import type { Refusal } from '../src/kernel/errors.ts';
import type { Result } from '../src/kernel/result.ts';
import type { Secret } from '../src/kernel/secret.ts';
import type { Actor } from './request.ts';
import type { CodeHistory, CodeVerdict } from './step-up.ts';

/** What a code is typed for: `enrol` activates a pending enrolment, the others need an active one. */
export type CodePurpose = 'enrol' | 'vote' | 'off';

/** Makes secrets and their codes (RFC 6238). A secret is text in base 32. */
export interface CodeMaker {
  newSecret(): Secret;
  /** The six digits of a time step. */
  codeAt(secret: Secret, step: number): string;
  /** What an authenticator app reads: `otpauth://totp/…`. It holds the secret. */
  link(secret: Secret, name: string): string;
}

/** Makes secrets unreadable for whoever reads the database. What was sealed for one person opens for nobody else. */
export interface Seal {
  seal(secret: Secret, person: string): Uint8Array;
  /** Null when it was sealed with another key, for another person, or changed. */
  open(sealed: Uint8Array, person: string): Secret | null;
}

/** The enrolments, of people and not of their ids. Each call is one transaction and writes its audit row. */
export interface StepUpStore {
  /** People whose approvals ask for a code. */
  people(): Promise<readonly string[]>;
  enrolled(person: string): Promise<boolean>;
  /** Whether any secret is kept, pending ones included. */
  any(): Promise<boolean>;
  /** Keeps a secret that waits for its first code, in place of one that waited before; false when one is active. */
  begin(by: Actor, sealed: Uint8Array): Promise<boolean>;
  /**
   * Locks the person's enrolment, shows it with the database's time to `judge`, and writes the history it answers and
   * what follows for the purpose. Null when there is no enrolment for that purpose.
   */
  tryCode(
    by: Actor,
    purpose: CodePurpose,
    judge: (
      kept: { readonly sealed: Uint8Array; readonly history: CodeHistory },
      now: Date,
    ) => Result<{ readonly verdict: CodeVerdict; readonly history: CodeHistory }, Refusal>,
  ): Promise<Result<{ readonly verdict: CodeVerdict; readonly now: Date }, Refusal> | null>;
  /** Forgets a person's enrolment and has that told to them (at that id) and in the audit channel; false when there is none. */
  reset(whose: { readonly person: string; readonly account: string }, by: string): Promise<boolean>;
}
