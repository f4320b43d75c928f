import type { WebClient } from '@slack/web-api';
import type { RoleName } from '../../../config/schema.ts';
import type { Refusal } from '../../../kernel/errors.ts';
import type { Result } from '../../../kernel/result.ts';
import { naming } from '../../../operations/authorise.ts';
import type { Person } from '../identity.ts';
import { type Rendered, renderRefusal } from '../render/answer.ts';
import { activeIn, admit } from './access.ts';
import type { Desk } from './desk.ts';
import { renderTrouble } from './run-command.ts';

/** A form that came back. */
interface Form {
  readonly user: string;
  /** Where the answer belongs. */
  readonly channel: string;
  /** The row of the audit log when whoever sent it does not belong here; every other refusal is noted where it is judged. */
  readonly refused: {
    readonly row: 'button.refused' | 'confirmation.refused';
    readonly subject: string;
    readonly data: Readonly<Record<string, unknown>>;
  };
}

/** Judges what a form brought back, like every other click, and says to whoever sent it what came of it. */
export async function answerForm(
  desk: Desk,
  control: WebClient,
  form: Form,
  judge: (person: Person) => Promise<Result<string, Refusal>>,
): Promise<void> {
  const content = await judged(desk, form, judge).catch((error: unknown) => renderTrouble(desk, error));
  await whisper(desk, control, form.channel, form.user, content);
}

async function judged(
  desk: Desk,
  { user, refused: { row, subject, data } }: Form,
  judge: (person: Person) => Promise<Result<string, Refusal>>,
): Promise<Rendered> {
  const admitted = await admit(desk, user);
  if (!admitted.ok) await desk.audit(user, row, subject, { ...data, code: admitted.error.code });
  const done = admitted.ok ? await judge(admitted.value) : admitted;
  if (done.ok) return { text: done.value, blocks: [{ type: 'section', text: { type: 'mrkdwn', text: done.value } }] };
  const able = lacking(done.error);
  return renderRefusal(
    able === null ? done.error : naming(done.error, await activeIn(desk, able)),
    desk.config.slack.command,
  );
}

/** The roles of those who could do it, when that is what whoever sent the form lacks. */
function lacking({ code }: Refusal): readonly RoleName[] | null {
  if (code === 'not_approver') return ['approver'];
  return code === 'not_allowed' ? ['approver', 'admin'] : null;
}

/** An answer for one person's eyes; a direct message where the channel does not take it. */
export async function whisper(
  desk: Desk,
  control: WebClient,
  channel: string,
  user: string,
  content: Rendered,
): Promise<void> {
  try {
    await control.chat.postEphemeral({ channel, user, ...content });
  } catch {
    try {
      await control.chat.postMessage({ channel: user, ...content });
    } catch (error) {
      desk.log.warn({ error: String(error) }, 'an answer could not be given');
    }
  }
}
