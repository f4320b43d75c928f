import type { PoolNews } from '../../approvals/pool.ts';
import type { DailyHead, ReminderKind } from './notices.ts';
import type { OperationView } from './records.ts';

/** Something that has to appear in the chat. `key` makes it findable there, so that it appears once. */
export interface PostDraft {
  readonly key: string;
  /** Null for what belongs to no operation. */
  readonly operation: string | null;
  /** The standing approval it belongs to. */
  readonly standing?: string | null;
  /**
   * `log`, `note` and `file` hang below the card; the others stand in a channel of their own, `reminder` and `reconfirm`
   * in a direct message, `word` in either. `reconfirm` says that a confirmation is void and asked for anew. `alarm` opens a review, `review` says that it is still open; `standing` shows a standing
   * approval, `remark` says what became of one; `pool` says whether there are enough approvers.
   */
  readonly kind:
    | 'card'
    | 'log'
    | 'note'
    | 'file'
    | 'alarm'
    | 'head'
    | 'reminder'
    | 'reconfirm'
    | 'pool'
    | 'word'
    | 'review'
    | 'standing'
    | 'remark';
  /** Where it goes; a person's id for a direct message. */
  readonly channel: string;
  readonly body: PostBody;
}

export interface PostBody {
  /** Heading of the first message of a step's output. */
  readonly heading?: string;
  /** The output itself (log), or a sentence (note). */
  readonly text?: string;
  /** Where in the job's output the text stands. */
  readonly jid?: string;
  readonly start?: number;
  readonly length?: number;
  /** Id of an uploaded file that only has to be shared. */
  readonly file?: string;
  /** The head of the audit log (head). */
  readonly head?: DailyHead;
  /** Which call this is, and for which plan (reminder). */
  readonly reminder?: {
    readonly kind: ReminderKind;
    readonly generation: number;
    readonly call: number;
    /** The person who is called, who may have several ids; null where it is said in the channel. */
    readonly person: string | null;
  };
  /** Whether there are enough approvers (pool). */
  readonly pool?: PoolNews;
  /** Whose codes were reset, and by whom (word). */
  readonly reset?: { readonly person: string; readonly by: string };
}

export interface Post extends PostDraft {
  readonly id: number;
  readonly state: 'new' | 'sending' | 'sent' | 'failed';
  readonly attempts: number;
  readonly createdAt: Date;
  /** Timestamp of the operation's card, the parent of its thread; null before the card is posted, and for what stands alone. */
  readonly threadTs: string | null;
}

/** Output of a job that has not been turned into posts yet. */
export interface LogWork {
  readonly operation: string;
  readonly channel: string;
  readonly jid: string;
  readonly n: number;
  readonly title: string;
  readonly stored: number;
  readonly posted: number;
  readonly stepEnded: boolean;
  /** Posts of this operation's log that are not sent yet. */
  readonly waiting: number;
}

/** The rows behind the announcer. Writes carry the epoch of the process that may announce, and are refused after it. */
export interface AnnounceStore {
  /** Becomes the one process that announces; answers the new epoch. */
  takeOver(holder: string): Promise<number>;
  staleCards(): Promise<
    readonly {
      readonly operation: string;
      readonly channel: string;
      readonly ts: string | null;
      readonly shownAt: Date | null;
      readonly ended: boolean;
    }[]
  >;
  view(operation: string): Promise<OperationView | null>;
  cardShown(epoch: number, operation: string, revision: number): Promise<void>;
  /** The card's message `ts` was deleted: it will be posted again. */
  cardGone(epoch: number, operation: string, ts: string): Promise<void>;
  addPost(epoch: number, draft: PostDraft): Promise<void>;
  unsentPosts(kinds: readonly Post['kind'][]): Promise<readonly Post[]>;
  beginSending(epoch: number, id: number): Promise<void>;
  setFile(epoch: number, id: number, file: string): Promise<void>;
  sent(epoch: number, post: Post, ts: string, revision: number | null): Promise<void>;
  notSent(epoch: number, id: number, problem: string, final: boolean): Promise<void>;
  logWork(): Promise<readonly LogWork[]>;
  /** Records the post and that the output up to `until` is taken care of, in one transaction. */
  postSegment(epoch: number, work: LogWork, until: number, draft: PostDraft): Promise<void>;
  readOutput(jid: string, start: number, limit: number): Promise<Uint8Array>;
  skipTo(jid: string, start: number, target: number): Promise<{ readonly start: number; readonly lines: number }>;
  /** Operations that have ended, whose output is all posted, and whose log file is still to come. */
  finishedLogs(): Promise<
    readonly {
      readonly operation: string;
      readonly channel: string;
      readonly jobs: readonly {
        readonly jid: string;
        readonly n: number;
        readonly title: string;
        readonly bytes: number;
      }[];
    }[]
  >;
  logDone(epoch: number, operation: string): Promise<void>;
}
