import type { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { type Command, usageOf } from '../../../../commands/contract/command.ts';
import { parseLine } from '../../../../commands/contract/line.ts';
import { typedAgain } from '../../../../commands/contract/typed.ts';
import { monotonicMs } from '../../../kernel/clock.ts';
import { refusal } from '../../../kernel/errors.ts';
import { authorise } from '../../../operations/authorise.ts';
import { type Rendered, renderRefusal, renderWords } from '../render/answer.ts';
import { admit, targetFor } from './access.ts';
import { COMMAND_MODAL, commandModal, modalMemory, readSubmission } from './command-modal.ts';
import type { Desk } from './desk.ts';
import { openDialogue } from './dialogues.ts';
import { whisper } from './form-answer.ts';
import { openView } from './open-view.ts';
import { refuse, renderTrouble, runCommand } from './run-command.ts';

/** Slash commands and the form that asks for what they lack. Each payload is acknowledged before anything else happens. */
export function listenToCommands(app: App, desk: Desk, control: WebClient): void {
  const slash = desk.config.slack.command;

  app.command(slash, async ({ ack, body, respond }) => {
    const arrived = monotonicMs();
    await ack();
    desk.acked((monotonicMs() - arrived) / 1000);
    const say = (content: Rendered) => respond({ response_type: 'ephemeral', ...content });
    try {
      const parsed = parseLine(body.text, desk.commands, slash);
      if (parsed.ok && parsed.value.command.kind === 'question' && parsed.value.command.opens !== undefined) {
        const { command } = parsed.value;
        const who = { user: body.user_id, line: command.name, trigger: body.trigger_id };
        const words = await openDialogue(desk, control, { command, ...who });
        if (words !== null) await say(words);
        return;
      }
      const admitted = await admit(desk, body.user_id);
      if (!admitted.ok) {
        await say(await refuse(desk, body.user_id, slash, body.text, admitted.error));
        return;
      }
      if (!parsed.ok) {
        await say(await refuse(desk, body.user_id, slash, body.text, parsed.error));
        return;
      }
      const { command, args } = parsed.value;
      if (
        parsed.value.kind === 'incomplete' &&
        authorise(admitted.value, command, await targetFor(desk, command, args)) === null
      ) {
        const form = await commandModal(desk, admitted.value, command, args, body.channel_id);
        // Where the form did not open in time, the usage is said in words.
        if ((await openView(desk, control, body.trigger_id, form)) === null)
          await say(renderRefusal(missing(desk, command, parsed.value.missing), slash));
        return;
      }
      const line = parsed.value.kind === 'command' ? parsed.value.line : body.text;
      await say(await runCommand(desk, admitted.value, command, args, line, body.trigger_id, telling(desk, say)));
    } catch (error) {
      await say(renderTrouble(desk, error)).catch((failed: unknown) =>
        desk.log.warn({ error: String(failed) }, 'an answer could not be given'),
      );
    }
  });

  app.view(COMMAND_MODAL, async ({ ack, body, view }) => {
    const arrived = monotonicMs();
    const memory = modalMemory.safeParse(JSON.parse(view.private_metadata));
    const command = memory.success ? desk.commands.find((one) => one.name === memory.data.command) : undefined;
    if (!command || !memory.success) {
      await ack();
      return;
    }
    // Only a form whose fields are judged by what is there needs it, and the acknowledgement waits for nothing slow.
    const estate = memory.data.shown === undefined ? null : await soon(desk.estate());
    const { args, errors } = readSubmission(command, memory.data, view.state.values, estate);
    if (Object.keys(errors).length > 0) {
      await ack({ response_action: 'errors', errors });
      return;
    }
    await ack();
    desk.acked((monotonicMs() - arrived) / 1000);
    const line = typedAgain(command, args);
    const carryOut = async () => {
      const admitted = await admit(desk, body.user.id);
      if (!admitted.ok) return refuse(desk, body.user.id, command.name, line, admitted.error);
      const key = 'trigger_id' in body ? body.trigger_id : null;
      const tell = telling(desk, (words) => whisper(desk, control, memory.data.channel, body.user.id, words));
      return runCommand(desk, admitted.value, command, args, line, key, tell);
    };
    const content = await carryOut().catch((error: unknown) => renderTrouble(desk, error));
    await whisper(desk, control, memory.data.channel, body.user.id, content);
  });
}

/** How long an acknowledgement, which has three seconds, may wait for the estate. */
const SOON_MS = 1_500;

/** What is there in time, else null: a database that is away is no reason to let Slack wait. */
async function soon<T>(wanted: Promise<T>): Promise<T | null> {
  const late = new Promise<null>((resolve) => {
    setTimeout(resolve, SOON_MS, null).unref();
  });
  return Promise.race([wanted.catch(() => null), late]);
}

/** What is said where a form did not open. One that takes a file opens only where the app may read files. */
function missing(desk: Desk, command: Command, keys: readonly string[]) {
  const takesFile = command.kind === 'question' && command.upload !== undefined;
  const scope = takesFile
    ? ' Its form needs the scope `files:read`: `npm run twokey -- doctor` says whether the app has it.'
    : '';
  return refusal(
    'bad_arguments',
    `This needs ${keys.join(' and ')}.`,
    `Usage: \`${desk.config.slack.command} ${usageOf(command)}\`.${scope}`,
  );
}

/** Says words on the way to an answer; one that does not arrive is no reason to give up. */
function telling(desk: Desk, say: (content: Rendered) => Promise<unknown>): (words: string) => void {
  return (words) => {
    say(renderWords(words)).catch((error: unknown) =>
      desk.log.warn({ error: String(error) }, 'progress could not be told'),
    );
  };
}
