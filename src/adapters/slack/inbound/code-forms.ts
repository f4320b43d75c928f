import type { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Voter } from '../../../../approvals/request.ts';
import { vote } from '../../../../approvals/service.ts';
import type { CodePurpose } from '../../../../approvals/step-up-ports.ts';
import { personOf } from '../../../config/people.ts';
import { monotonicMs } from '../../../kernel/clock.ts';
import { type Refusal, refusal } from '../../../kernel/errors.ts';
import { err, ok, type Result } from '../../../kernel/result.ts';
import { castStandingVote } from '../../../operations/standing.ts';
import { withSlash } from '../render/answer.ts';
import {
  ENROL_MODAL,
  OFF_MODAL,
  standingVoteModal,
  submittedCode,
  totpDone,
  VOTE_MODAL,
  voteMemory,
  voteModal,
} from '../render/totp.ts';
import { voterOf } from './access.ts';
import { approvalWords } from './approval-words.ts';
import type { Desk } from './desk.ts';
import { answerForm } from './form-answer.ts';
import { openView } from './open-view.ts';
import { standingWords } from './standing-buttons.ts';

/** A click on Approve. */
interface CodeClick {
  readonly on: 'operation' | 'standing';
  /** The id of the operation or of the standing approval. */
  readonly operation: string;
  /** The generation of the plan that the pressed card showed; null when the card does not say. */
  readonly shown: number | null;
  readonly user: string;
  readonly channel: string;
  readonly trigger: string;
}

/**
 * Asks whoever is enrolled for a code before their approval is judged. `asked: false` means that none is needed, or that
 * it could not help, because the card showed another plan than the present one; `words` are said when the form did not
 * open.
 */
export async function askForCode(
  desk: Desk,
  control: WebClient,
  click: CodeClick,
): Promise<{ readonly asked: false } | { readonly asked: true; readonly words: string | null }> {
  const [enrolled, view] = await Promise.all([
    desk.stepUp.enrolled(personOf(desk.config.people, click.user)),
    formFor(desk, click),
  ]);
  if (!enrolled || view === null) return { asked: false };
  const opened = await openView(desk, control, click.trigger, view);
  await desk.audit(click.user, 'button.clicked', click.operation, {
    action: click.on === 'standing' ? 'standing-approve' : 'approve',
  });
  return {
    asked: true,
    words: opened === null ? 'The form for your code could not be opened in time. Press Approve again.' : null,
  };
}

async function formFor(desk: Desk, { on, operation: id, shown, channel }: CodeClick) {
  if (on === 'standing') {
    const standing = await desk.standing.store.find(id);
    return standing && standingVoteModal(standing, channel);
  }
  const view = await desk.book.view(id);
  return view?.operation.generation === shown ? voteModal(view.operation, channel) : null;
}

/** The forms that take a code. A refused code is said on its field; the form stays open for the next one. */
export function listenToCodes(app: App, desk: Desk, control: WebClient): void {
  const take = async (account: string, purpose: CodePurpose, given: unknown): Promise<Result<true, Refusal>> => {
    const code = submittedCode(given);
    if (code === null) return err(refusal('bad_arguments', 'A code is six digits.', ''));
    try {
      return await desk.stepUp.take({ person: personOf(desk.config.people, account), account }, purpose, code);
    } catch (error) {
      desk.log.error({ error: String(error) }, 'a code could not be checked');
      return err(refusal('internal', 'The code could not be checked, for a reason on our side.', 'Try again.'));
    }
  };
  const said = ({ message, next }: Refusal) => ({
    response_action: 'errors' as const,
    errors: { code: `${message} ${withSlash(next, desk.config.slack.command)}`.trim() },
  });

  for (const [callback, purpose, done] of [
    [ENROL_MODAL, 'enrol', 'You are enrolled. From now on each of your approvals asks for a code.'],
    [OFF_MODAL, 'off', 'Your approvals ask for no code any more. You can remove the account from your app.'],
  ] as const)
    app.view(callback, async ({ ack, body, view }) => {
      const taken = await take(body.user.id, purpose, view.state);
      await ack(taken.ok ? { response_action: 'update', view: totpDone(done) } : said(taken.error));
    });

  app.view(VOTE_MODAL, async ({ ack, body, view }) => {
    const arrived = monotonicMs();
    const memory = voteMemory.safeParse(JSON.parse(view.private_metadata));
    const taken = await take(body.user.id, 'vote', view.state);
    if (!taken.ok) {
      await ack(said(taken.error));
      return;
    }
    await ack();
    desk.acked((monotonicMs() - arrived) / 1000);
    if (!memory.success) return;
    const { on, id, generation, channel } = memory.data;
    const refused = {
      row: 'button.refused',
      subject: id,
      data: { action: on === 'standing' ? 'standing-approve' : 'approve' },
    } as const;
    await answerForm(desk, control, { user: body.user.id, channel, refused }, (person) => {
      const voter = { ...voterOf(person), stepUp: true } as const;
      return on === 'standing' ? onStanding(desk, id, voter) : onOperation(desk, id, voter, generation);
    });
  });
}

async function onStanding(desk: Desk, id: string, voter: Voter): Promise<Result<string, Refusal>> {
  const counted = await castStandingVote(desk.standing, id, voter, 'approve', null);
  return counted.ok ? ok(standingWords(counted.value)) : counted;
}

async function onOperation(desk: Desk, id: string, voter: Voter, shown: number): Promise<Result<string, Refusal>> {
  const counted = await vote(desk.votes, id, voter, { verdict: 'approve', shown }, null);
  return counted.ok ? ok(await approvalWords(desk, id, counted.value.becomes === 'approved')) : counted;
}
