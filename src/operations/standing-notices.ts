import type { StandingRecord } from '../../approvals/ports.ts';

/** The rows behind the messages of standing approvals. Writes carry the announcer's epoch. */
export interface StandingNotices {
  find(id: string): Promise<StandingRecord | null>;
  /** Messages that show less than the rows say. */
  behind(): Promise<readonly { readonly id: string; readonly channel: string; readonly ts: string }[]>;
  shown(epoch: number, id: string, revision: number): Promise<void>;
  /** The message was deleted: it is posted again as long as the approval is live. */
  messageGone(
    epoch: number,
    standing: StandingRecord,
    message: { readonly channel: string; readonly ts: string },
  ): Promise<void>;
}
