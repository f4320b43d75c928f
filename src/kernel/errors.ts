/**
 * The one registry of error codes: who should act, and what they should do next.
 * A refusal that a person sees always carries one of these (promise P10).
 */
export const ERROR_CODES = {
  // what the requester can mend
  unknown_command: { who: 'requester', next: 'See `help` for what can be asked.' },
  unknown_site: { who: 'requester', next: 'See `sites` for the names.' },
  unknown_host: { who: 'requester', next: 'See `host list` for the names.' },
  unknown_cluster: { who: 'requester', next: 'See `cluster list` for the names.' },
  name_taken: { who: 'requester', next: 'Choose another name.' },
  still_needed: { who: 'requester', next: 'Change or remove first what needs it.' },
  unknown_operation: { who: 'requester', next: 'See `history` for the ids.' },
  bad_arguments: { who: 'requester', next: 'See `help <command>` for the usage.' },
  operation_ended: { who: 'requester', next: 'Nothing to do: it has ended. See `history`.' },
  site_busy: { who: 'requester', next: 'Wait for the running operation, or cancel it.' },
  unknown_profile: { who: 'admin', next: 'See `profiles` for the names, then correct `profile` in the estate.' },
  command_not_set: { who: 'admin', next: 'Set it in a profile of yours; see docs/profiles.md.' },
  no_upgrade_path: { who: 'requester', next: 'See `profile show <name>` for the versions that its path knows.' },
  licence_exceeded: { who: 'requester', next: 'Send it again with `--reason` and who agreed to the fee.' },
  unknown_duty: { who: 'requester', next: 'See `duties <site>` for the items.' },
  bad_release: { who: 'requester', next: 'Get the file from its vendor again, then add it again.' },
  unknown_release: { who: 'requester', next: 'See `release list` for the names.' },
  patches_open: { who: 'requester', next: 'See `patches <site>` for the files, then acknowledge them.' },
  not_supported: { who: 'requester', next: 'See `help` for what this site can do.' },
  // identity and roles
  no_role: { who: 'admin', next: 'Ask an admin to add you to a role in the configuration.' },
  not_allowed: { who: 'admin', next: 'Ask somebody who holds the role, or an admin to grant it.' },
  foreign_user: { who: 'nobody', next: 'Only full members of this workspace may use Twokey.' },
  wrong_channel: { who: 'requester', next: 'Use the operations channel.' },
  // approvals
  self_approval: { who: 'approver', next: 'Somebody else has to approve.' },
  already_voted: { who: 'approver', next: 'Another approver has to follow.' },
  not_approver: { who: 'approver', next: 'Ask one of the approvers named on the card.' },
  not_requester: { who: 'requester', next: 'The card names who has to confirm it.' },
  already_confirmed: { who: 'nobody', next: 'Nothing to do.' },
  wrong_name: { who: 'requester', next: 'Type the name of the site as the card shows it.' },
  request_closed: { who: 'requester', next: 'Send the command again if it is still wanted.' },
  no_window: { who: 'requester', next: 'See `window <site>` for when it opens.' },
  nothing_gained: { who: 'requester', next: 'Send it without `--now`.' },
  unknown_freeze: { who: 'requester', next: 'See `window <site>` for the freezes that hold.' },
  quorum_unreachable: { who: 'admin', next: 'Add approvers to the configuration.' },
  step_up_required: { who: 'approver', next: 'Type `totp` to enrol, then press Approve again.' },
  not_enrolled: { who: 'approver', next: 'Type `totp` to enrol.' },
  wrong_code: { who: 'approver', next: 'Type the code that your authenticator app shows now.' },
  code_used: { who: 'approver', next: 'Wait for the next one: each code counts once.' },
  code_locked: { who: 'approver', next: 'Wait, or ask an admin for `totp reset`.' },
  totp_key: {
    who: 'admin',
    next: 'Give every replica the same file `totp-key` in its secrets folder: see "Codes for approvals" in the handbook.',
  },
  review_early: { who: 'nobody', next: 'Close it when the operation has ended.' },
  review_open: { who: 'approver', next: 'Have it closed by somebody else; `reviews` says how.' },
  unknown_review: { who: 'requester', next: 'See `reviews` for the open ones.' },
  standing_exists: { who: 'requester', next: 'See `standing` for the ids.' },
  unknown_standing: { who: 'requester', next: 'See `standing` for the ids.' },
  expired: { who: 'requester', next: 'Send the command again.' },
  drift: { who: 'approver', next: 'Look at the new plan and approve it again.' },
  // hosts
  host_unreachable: { who: 'host', next: 'Check that the host is up and that SSH answers.' },
  link_lost: { who: 'host', next: 'Nothing to do: the host is asked again; what runs there goes on.' },
  host_key_changed: { who: 'admin', next: 'Find out why the key changed; only then pin the new one.' },
  host_key_unknown: { who: 'admin', next: 'Pin the host key in the estate.' },
  host_auth_failed: { who: 'admin', next: 'Check the user and the key of the host in the estate.' },
  no_shell: {
    who: 'admin',
    next: 'What needs only its database runs from an app host: make that the `host` of the site. For the rest ask the people who run that host.',
  },
  protocol_error: { who: 'host', next: 'Check that the account may run `/bin/sh` over SSH.' },
  secret_missing: { who: 'admin', next: 'Put the secret into the data directory’s `secrets` folder.' },
  // steps
  precheck_failed: { who: 'host', next: 'Mend what the step names, then retry.' },
  step_failed: { who: 'requester', next: 'Read the log, mend the cause, then retry.' },
  step_lost: { who: 'requester', next: 'A person must look at the host: nobody knows how the command ended.' },
  cancelled: { who: 'nobody', next: 'Nothing to do.' },
  // ourselves
  bad_configuration: { who: 'admin', next: 'Correct the file named in the message.' },
  database_down: { who: 'admin', next: 'Check PostgreSQL; Twokey goes on by itself when it answers.' },
  internal: { who: 'admin', next: 'See the log of Twokey.' },
} as const satisfies Record<string, { who: 'requester' | 'approver' | 'admin' | 'host' | 'nobody'; next: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** An expected "no": why, and what to do next. `next` defaults to the registry's word for the code. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly next: string;
  /** What failed on the way to a host before the host itself could be judged. */
  readonly fault?: Fault;
}

/**
 * `own key`: ours for the host cannot be had or used. `bastion`: nothing is known of the host behind it. `handshake`: the
 * two sides have no algorithm in common, so that no key was shown.
 */
export type Fault = 'own key' | 'bastion' | 'handshake';

export function refusal(code: ErrorCode, message: string, next: string = ERROR_CODES[code].next): Refusal {
  return { code, message, next };
}

/** An error with a code, for the places that have to throw (inside engine steps and adapters). */
export class CodedError extends Error {
  readonly code: ErrorCode;
  readonly next: string;
  readonly fault: Fault | null;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; next?: string; fault?: Fault }) {
    super(message, options?.cause === undefined ? {} : { cause: options.cause });
    this.name = 'CodedError';
    this.code = code;
    this.next = options?.next ?? ERROR_CODES[code].next;
    this.fault = options?.fault ?? null;
  }
}

/** A refusal as an error, for code that has to throw. */
export function coded({ code, message, ...rest }: Refusal): CodedError {
  return new CodedError(code, message, rest);
}

/** The refusal that an error carries. */
export function refusalOf({ code, message, next, fault }: CodedError): Refusal {
  return { code, message, next, ...(fault === null ? {} : { fault }) };
}

/** The message of whatever was thrown, for logs and refusals. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
