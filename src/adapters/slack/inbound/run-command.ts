import { type Command, type RawArguments, timingOf } from '../../../../commands/contract/command.ts';
import { type Refusal, refusal } from '../../../kernel/errors.ts';
import type { Result } from '../../../kernel/result.ts';
import { err, ok } from '../../../kernel/result.ts';
import type { Person } from '../identity.ts';
import { type Rendered, renderAnswer, renderRefusal } from '../render/answer.ts';
import { instant } from '../render/mrkdwn.ts';
import { mayCancel, mayUse, naming } from './access.ts';
import type { Desk } from './desk.ts';

/** How much of a refused line is noted. */
const LONGEST_LINE = 200;

/**
 * Does what a complete command asks for and says what came of it. Every refusal leaves a row in the audit log.
 * `key` names the act of asking: Slack may deliver it twice, and it is to be done once.
 */
export async function runCommand(
  desk: Desk,
  person: Person,
  command: Command,
  args: RawArguments,
  line: string,
  key: string | null,
): Promise<Rendered> {
  const denied = mayUse(person, command);
  const outcome: Result<Rendered, Refusal> = denied
    ? err(await naming(desk, denied, command.roles))
    : command.kind === 'question'
      ? await ask(desk, person, command, args)
      : await order(desk, person, command, args, line, key);
  if (outcome.ok) return outcome.value;
  return refuse(desk, person.id, command.name, line, outcome.error);
}

/** The words of a refusal, after it has been noted in the audit log. */
export async function refuse(
  desk: Desk,
  person: string,
  subject: string,
  line: string,
  { code, message, next }: Refusal,
): Promise<Rendered> {
  await desk.audit(person, 'command.refused', subject, { line: line.slice(0, LONGEST_LINE), code, message });
  return renderRefusal({ code, message, next }, desk.config.slack.command);
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
    estateBook: desk.estateBook,
    dial: desk.dial,
    book: desk.book,
    journal: desk.journal,
    audit: desk.auditBook,
    evidence: (operation) => desk.evidence(operation, person.id),
    hosts: desk.hosts,
    commands: desk.commands,
    freezes: desk.freezes,
    approvers: () => desk.identity.active('approver'),
    cancel: (operation) => desk.book.cancel(operation, person.id, mayCancel(person)),
  });
  if (!answer.ok) return answer;
  if (answer.value.file) await desk.giveFile(person.id, answer.value.file, answer.value.summary);
  return ok(renderAnswer(answer.value));
}

async function order(
  desk: Desk,
  person: Person,
  command: Extract<Command, { kind: 'operation' }>,
  raw: RawArguments,
  line: string,
  key: string | null,
): Promise<Result<Rendered, Refusal>> {
  const args = command.parse(raw);
  if (!args.ok) return args;
  const opened = await desk.request({
    command,
    args: args.value,
    line,
    requester: person.id,
    timing: timingOf(command, raw),
    key,
  });
  if (!opened.ok) return opened;
  const { id, state, quorum, verdict, opensAt } = opened.value;
  const votes = quorum > 0 ? `It waits for ${quorum} approvals: ${verdict.why}` : verdict.why;
  const next = state === 'queued' ? 'It starts now.' : state === 'held' ? `It is held. ${votes}` : votes;
  const when = opensAt === null ? '' : ` Its time comes ${instant(opensAt, 'day-time')}.`;
  return ok({
    text: `Operation ${id} is recorded. ${next}`,
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `:memo: Operation \`${id}\` is recorded. ${next}${when}\nIts card is in <#${desk.config.slack.channels.operations}>.`,
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
