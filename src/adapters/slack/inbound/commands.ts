import type { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { type Command, type RawArguments, usageOf } from '../../../../commands/contract/command.ts';
import { parseLine } from '../../../../commands/contract/line.ts';
import { monotonicMs } from '../../../kernel/clock.ts';
import { refusal } from '../../../kernel/errors.ts';
import { type Rendered, renderRefusal } from '../render/answer.ts';
import { admit } from './access.ts';
import { COMMAND_MODAL, commandModal, modalMemory, submittedArguments } from './command-modal.ts';
import type { Desk } from './desk.ts';
import { renderTrouble, runCommand } from './run-command.ts';

/** Slash commands and the form that asks for what they lack. Each payload is acknowledged before anything else happens. */
export function listenToCommands(app: App, desk: Desk, control: WebClient): void {
  const slash = desk.config.slack.command;

  app.command(slash, async ({ ack, body, respond }) => {
    const arrived = monotonicMs();
    await ack();
    desk.acked((monotonicMs() - arrived) / 1000);
    const say = (content: Rendered) => respond({ response_type: 'ephemeral', ...content });
    try {
      const admitted = await admit(desk, body.user_id);
      if (!admitted.ok) {
        await desk.audit(body.user_id, 'command.refused', slash, {
          code: admitted.error.code,
          line: body.text.slice(0, 200),
        });
        await say(renderRefusal(admitted.error, slash));
        return;
      }
      const parsed = parseLine(body.text, desk.commands, slash);
      if (!parsed.ok) await say(renderRefusal(parsed.error, slash));
      else if (parsed.value.kind === 'command') {
        await say(await runCommand(desk, admitted.value, parsed.value.command, parsed.value.args, parsed.value.line));
      } else {
        const opened = await openForm(
          desk,
          control,
          body.trigger_id,
          parsed.value.command,
          parsed.value.args,
          body.channel_id,
        );
        if (!opened) await say(renderRefusal(missing(desk, parsed.value.command, parsed.value.missing), slash));
      }
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
    const args = submittedArguments(view.state.values);
    const checked = command?.kind === 'operation' ? command.parse(args) : null;
    if (checked && !checked.ok) {
      const field = command?.fields[0]?.key ?? 'site';
      await ack({ response_action: 'errors', errors: { [field]: checked.error.message } });
      return;
    }
    await ack();
    desk.acked((monotonicMs() - arrived) / 1000);
    if (!command || !memory.success) return;
    const admitted = await admit(desk, body.user.id);
    const content = admitted.ok
      ? await runCommand(desk, admitted.value, command, args, `${command.name} ${Object.values(args).join(' ')}`).catch(
          (error: unknown) => renderTrouble(desk, error),
        )
      : renderRefusal(admitted.error, slash);
    await whisper(desk, control, memory.data.channel, body.user.id, content);
  });
}

function missing(desk: Desk, command: Command, keys: readonly string[]) {
  return refusal(
    'bad_arguments',
    `This needs ${keys.join(' and ')}.`,
    `Usage: \`${desk.config.slack.command} ${usageOf(command)}\``,
  );
}

/** False when Slack did not take the form (its trigger lives three seconds): the usage is said in words then. */
async function openForm(
  desk: Desk,
  control: WebClient,
  trigger: string,
  command: Command,
  args: RawArguments,
  channel: string,
): Promise<boolean> {
  try {
    await control.views.open({ trigger_id: trigger, view: await commandModal(desk, command, args, channel) });
    return true;
  } catch (error) {
    desk.log.warn({ error: String(error) }, 'a form could not be opened');
    return false;
  }
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
