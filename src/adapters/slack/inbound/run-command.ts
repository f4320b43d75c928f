import type { Command, RawArguments } from '../../../../commands/contract/command.ts';
import { type Refusal, refusal } from '../../../kernel/errors.ts';
import type { Result } from '../../../kernel/result.ts';
import { ok } from '../../../kernel/result.ts';
import type { Person } from '../identity.ts';
import { type Rendered, renderAnswer, renderRefusal } from '../render/answer.ts';
import { mayCancel, mayUse } from './access.ts';
import type { Desk } from './desk.ts';

/** Does what a complete command asks for and says what came of it. Every refusal leaves a row in the audit log. */
export async function runCommand(
  desk: Desk,
  person: Person,
  command: Command,
  args: RawArguments,
  line: string,
): Promise<Rendered> {
  const slash = desk.config.slack.command;
  const denied = mayUse(person, command);
  const outcome: Result<Rendered, Refusal> = denied
    ? { ok: false, error: denied }
    : command.kind === 'question'
      ? await ask(desk, person, command, args)
      : await order(desk, person, command, args, line);
  if (outcome.ok) return outcome.value;
  await desk.audit(person.id, 'command.refused', command.name, {
    line,
    code: outcome.error.code,
    message: outcome.error.message,
  });
  return renderRefusal(outcome.error, slash);
}

async function ask(
  desk: Desk,
  person: Person,
  command: Extract<Command, { kind: 'question' }>,
  args: RawArguments,
): Promise<Result<Rendered, Refusal>> {
  const answer = await command.answer(args, {
    asker: { person: person.id, name: person.name, roles: person.roles },
    config: desk.config,
    estate: await desk.estate(),
    book: desk.book,
    journal: desk.journal,
    hosts: desk.hosts,
    commands: desk.commands,
    cancel: (operation) => desk.book.cancel(operation, person.id, mayCancel(person)),
  });
  return answer.ok ? ok(renderAnswer(answer.value)) : answer;
}

async function order(
  desk: Desk,
  person: Person,
  command: Extract<Command, { kind: 'operation' }>,
  raw: RawArguments,
  line: string,
): Promise<Result<Rendered, Refusal>> {
  const args = command.parse(raw);
  if (!args.ok) return args;
  const opened = await desk.request({ command, args: args.value, line, requester: person.id });
  if (!opened.ok) return opened;
  const { id, state, quorum, verdict } = opened.value;
  const next = state === 'queued' ? 'It starts now.' : `It waits for ${quorum} approvals: ${verdict.why}`;
  return ok({
    text: `Operation ${id} is recorded. ${next}`,
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `:memo: Operation \`${id}\` is recorded. ${next}\nIts card is in <#${desk.config.slack.channels.operations}>.`,
        },
      },
    ],
  });
}

/** What a person is told when something broke on our side. */
export function renderTrouble(desk: Desk, error: unknown): Rendered {
  desk.log.error({ error: String(error) }, 'a request could not be answered');
  return renderRefusal(
    refusal(
      'internal',
      'That did not work, for a reason on our side. Nothing was changed half-way.',
      'Try again; if it stays so, ask an admin to look into the log of Twokey.',
    ),
    desk.config.slack.command,
  );
}
