import type { FreezeBook } from '../../../../approvals/freezes.ts';
import type { RequestStore } from '../../../../approvals/ports.ts';
import type { StepUp } from '../../../../approvals/step-up-service.ts';
import type { Command } from '../../../../commands/contract/command.ts';
import type { ConfigFile } from '../../../config/schema.ts';
import type { DutyLists } from '../../../estate/duty.ts';
import type { Profiles } from '../../../estate/profile-load.ts';
import type { Estate } from '../../../estate/types.ts';
import type { Refusal } from '../../../kernel/errors.ts';
import type { Result } from '../../../kernel/result.ts';
import type { AuditBook } from '../../../operations/audit.ts';
import type { Journal, OperationBook } from '../../../operations/book.ts';
import type { DutyBook } from '../../../operations/duties.ts';
import type { EstateBook } from '../../../operations/estate/book.ts';
import type { DialPort } from '../../../operations/estate/dial.ts';
import type { EvidenceFile } from '../../../operations/evidence.ts';
import type { HostFactBook } from '../../../operations/host-facts.ts';
import type { Patches } from '../../../operations/patches/service.ts';
import type { HostPort } from '../../../operations/ports.ts';
import type { OperationRecord } from '../../../operations/records.ts';
import type { Releases } from '../../../operations/releases/service.ts';
import type { Considered, Wanted } from '../../../operations/request.ts';
import type { ReviewBook } from '../../../operations/reviews.ts';
import type { SettingsBook } from '../../../operations/settings/book.ts';
import type { StandingContext } from '../../../operations/standing.ts';
import type { Logger } from '../../log/logger.ts';
import type { Identity } from '../identity.ts';

/** Everything the listeners need; put together by the composition root. */
export interface Desk {
  readonly config: ConfigFile;
  readonly commands: readonly Command[];
  readonly identity: Identity;
  readonly book: OperationBook;
  readonly journal: Journal;
  readonly auditBook: AuditBook;
  readonly evidence: (operation: string, person: string) => Promise<EvidenceFile | null>;
  /** Gives a person a file for nobody else's eyes. */
  readonly giveFile: (
    person: string,
    file: { readonly name: string; readonly text: string },
    comment: string,
  ) => Promise<void>;
  /** Has it looked at who holds which role, and whether the approvers still suffice. Comes back at once. */
  readonly rolesMayHaveChanged: () => void;
  readonly hosts: HostPort;
  readonly hostFacts: HostFactBook;
  readonly estate: () => Promise<Estate>;
  readonly estateBook: EstateBook;
  readonly dial: DialPort;
  readonly profiles: Profiles;
  readonly duties: { readonly lists: DutyLists; readonly book: DutyBook };
  readonly settings: SettingsBook;
  readonly releases: Releases;
  readonly patches: Patches;
  readonly freezes: FreezeBook;
  readonly votes: RequestStore;
  readonly stepUp: StepUp;
  readonly reviews: ReviewBook;
  readonly standing: StandingContext;
  readonly log: Logger;
  /** What would be recorded if that were asked for now. Records nothing and tells nobody. */
  readonly consider: (wanted: Wanted) => Promise<Result<Considered, Refusal>>;
  readonly request: (
    asked: Wanted & {
      line: string;
      account: string;
      key: string | null;
    },
  ) => Promise<Result<OperationRecord, Refusal>>;
  /** Builds the plan of an operation that waits again; another plan replaces the old one. */
  readonly replan: (operation: string, person: string) => Promise<Result<'same' | 'replaced', Refusal>>;
  readonly audit: (
    actor: string,
    action: string,
    subject: string,
    data: Readonly<Record<string, unknown>>,
  ) => Promise<void>;
  /** Tells how long an acknowledgement took, in seconds. */
  readonly acked: (seconds: number) => void;
}
