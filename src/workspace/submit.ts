import { z } from 'zod';
import { isRecord } from './blocks/check.ts';
import { parseView } from './blocks/view.ts';
import type { Core } from './core.ts';
import { ApiError } from './errors.ts';
import type { User, View } from './model.ts';
import { closedPayload, submissionPayload } from './payloads.ts';
import { describe, namesOf } from './people.ts';
import type { UiDone, UiViewDone } from './protocol.ts';
import { fileProblem } from './sharedFiles.ts';
import { filesIn, isEmpty, mergedState } from './viewState.ts';

const TROUBLE = 'We had some trouble connecting. Try again?';

/** The body of an acknowledgement of view_submission. */
const answerSchema = z.discriminatedUnion('response_action', [
  z.looseObject({ response_action: z.literal('errors'), errors: z.record(z.string(), z.string()) }),
  z.looseObject({ response_action: z.literal('update'), view: z.unknown() }),
  z.looseObject({ response_action: z.literal('push'), view: z.unknown() }),
  z.looseObject({ response_action: z.literal('clear') }),
]);

/** `values`: by block_id, then by action_id or directly, what the person chose; what is absent stays as it is. */
export async function submitView(
  core: Core,
  user: User,
  view: View,
  values: Record<string, unknown>,
): Promise<UiViewDone> {
  if (user.deactivated) return { ok: false, error: 'This account is deactivated.' };
  if (core.views.top(user.id)?.id !== view.id) return { ok: false, error: 'This view is not open any more.' };
  const filled: View = { ...view, errors: {}, state: mergedState(view, values, namesOf(core, user)) };
  const missing = clientErrors(filled);
  if (Object.keys(missing).length > 0) {
    core.views.replace({ ...filled, errors: missing });
    return { ok: false, errors: missing };
  }
  core.views.replace(filled);
  const payload = submissionPayload(core, user, filled);
  const delivered = await core.app.deliver({ kind: 'interactive', type: 'view_submission', payload });
  if (!delivered.ok) return { ok: false, error: TROUBLE };
  const current = core.views.find(view.id) ?? filled;
  try {
    return carryOut(core, current, delivered.body);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    core.journal.recordViolation(
      'bad_ack',
      `view_submission was acknowledged with what Slack refuses: ${describe(error)}`,
    );
    return { ok: false, error: TROUBLE };
  }
}

/** Dismisses a modal; the app hears of it when it asked for that. */
export async function closeView(core: Core, user: User, view: View): Promise<UiDone> {
  if (view.user !== user.id || view.type !== 'modal') return { ok: false, error: 'There is no such view.' };
  if (view.clearOnClose) core.views.clear(user.id);
  else core.views.close(view);
  if (!view.notifyOnClose) return { ok: true };
  const payload = closedPayload(core, user, view, view.clearOnClose);
  const delivered = await core.app.deliver({ kind: 'interactive', type: 'view_closed', payload });
  return delivered.ok ? { ok: true } : { ok: false, error: TROUBLE };
}

function carryOut(core: Core, view: View, body: unknown): UiViewDone {
  if (!isRecord(body) || Object.keys(body).length === 0) {
    core.views.close(view);
    return { ok: true };
  }
  const parsed = answerSchema.safeParse(body);
  if (!parsed.success) throw new ApiError('invalid_response_action');
  const answer = parsed.data;
  switch (answer.response_action) {
    case 'errors': {
      const inputs = new Set(
        view.blocks.filter((block) => block.type === 'input').map((block) => String(block.block_id)),
      );
      const stray = Object.keys(answer.errors).filter((blockId) => !inputs.has(blockId));
      if (stray.length > 0) throw new ApiError(`errors for what is no input block: ${stray.join(', ')}`);
      core.views.replace({ ...view, errors: answer.errors });
      return { ok: false, errors: answer.errors };
    }
    case 'update':
      core.views.update(view, parseView(answer.view, 'modal', core.manifest.scopes));
      return { ok: true };
    case 'push':
      core.views.push(view.user, parseView(answer.view, 'modal', core.manifest.scopes));
      return { ok: true };
    case 'clear':
      core.views.clear(view.user);
      return { ok: true };
  }
}

/** What Slack's own client refuses before the app hears of it. */
function clientErrors(view: View): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const block of view.blocks) {
    if (block.type !== 'input' || !isRecord(block.element)) continue;
    const blockId = String(block.block_id);
    const state = view.state[blockId]?.[String(block.element.action_id)];
    if (state === undefined || isEmpty(state)) {
      if (block.optional !== true) errors[blockId] = 'Please complete this required field.';
      continue;
    }
    const wrong = block.element.type === 'file_input' ? fileProblem(block.element, filesIn(state)) : null;
    if (wrong !== null) errors[blockId] = wrong;
    const value = typeof state.value === 'string' ? state.value : undefined;
    if (value === undefined) continue;
    const min = typeof block.element.min_length === 'number' ? block.element.min_length : 0;
    const max = typeof block.element.max_length === 'number' ? block.element.max_length : 3000;
    if (value.length < min) errors[blockId] = `This must be at least ${min} characters.`;
    if (value.length > max) errors[blockId] = `This must be at most ${max} characters.`;
  }
  return errors;
}
