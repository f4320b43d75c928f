import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { failureOf } from '../failure.ts';
import type { Desk } from './desk.ts';

/** Opens a view; a trigger lives three seconds. Answers its id; `again` when Slack delivered the click twice and it is open already, null when it did not open. */
export async function openView(
  desk: Desk,
  control: WebClient,
  trigger: string,
  view: ModalView,
): Promise<string | null> {
  try {
    const opened = await control.views.open({ trigger_id: trigger, view });
    return opened.view?.id ?? null;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'refused' && failure.error === 'exchanged_trigger_id') return 'again';
    desk.log.warn({ failure }, 'a modal could not be opened');
    return null;
  }
}
