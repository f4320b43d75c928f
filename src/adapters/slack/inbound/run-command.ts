import {
  type Command,
  isDryRun,
  type QuestionContext,
  type RawArguments,
  timingOf,
} from '../../../../commands/contract/command.ts';
import { notedArguments, notedLine } from '../../../../commands/contract/noted-line.ts';
import { personOf } from '../../../config/people.ts';
import { type Refusal, refusal } from '../../../kernel/errors.ts';
import type { Result } from '../../../kernel/result.ts';
import { err, ok } from '../../../kernel/result.ts';
import { MOST_NAMES, mayLookAt } from '../../../operations/authorise.ts';
import type { Wanted } from '../../../operations/request.ts';
import { askStanding } from '../../../operations/standing.ts';
import type { Person } from '../identity.ts';
import { type Rendered, renderAnswer, renderRefusal } from '../render/answer.ts';
import { renderRecorded } from '../render/recorded.ts';
import { activeIn, mayCancel, mayUse, overseerOf, targetFor } from './access.ts';
import type { Desk } from './desk.ts';
import { tryOperation } from './dry-run.ts';

/** How much of a refused line is noted. */
const LONGEST_LINE = 200;

/**
 * Does what a complete command asks for and says what came of it. Every refusal leaves a row in the audit log.
 * `key` names the act of asking: Slack may deliver it twice, and it is to be done once. `tell` says words to the asker
 * on the way, where the answer takes long.
 */
export async function runCommand(
  desk: Desk,
  person: Person,
  command: Command,
  args: RawArguments,
  line: string,
  key: string | null,
  tell: QuestionContext['tell'] = () => undefined,
): Promise<Rendered> {
  const denied = await mayUse(desk, person, command, await targetFor(desk, command, args));
  const outcome: Result<Rendered, Refusal> = denied
    ? err(denied)
    : command.kind === 'question'
      ? await ask(desk, person, command, args, tell)
      : await order(desk, person, command, args, line, key);
  if (outcome.ok) return outcome.value;
  return refuse(desk, person.account, command.name, line, outcome.error);
}

/** The words of a refusal, after it has been noted in the audit log. */
export async function refuse(
  desk: Desk,
  person: string,
  subject: string,
  line: string,
  { code, message, next }: Refusal,
): Promise<Rendered> {
  await desk.audit(person, 'command.refused', subject, {
    line: notedLine(line, desk.commands).slice(0, LONGEST_LINE),
    code,
    message,
  });
  return renderRefusal({ code, message, next }, desk.config.slack.command);
}

/** Other rows name the person alone; what is answered to another id of theirs is noted with the id. */
async function noteQuestion(desk: Desk, person: Person, { name }: Command, data: RawArguments): Promise<void> {
  if (person.account !== person.id) await desk.audit(person.account, 'question.asked', name, data);
}

async function ask(
  desk: Desk,
  person: Person,
  command: Extract<Command, { kind: 'question' }>,
  args: RawArguments,
  tell: QuestionContext['tell'],
): Promise<Result<Rendered, Refusal>> {
  await noteQuestion(desk, person, command, notedArguments(args, desk.commands));
  const answer = await command.answer(args, {
    asker: { person: person.id, name: person.name, roles: person.roles, grants: person.grants },
    tell,
    config: desk.config,
    estate: await desk.estate(),
    estateBook: desk.estateBook,
    dial: desk.dial,
    book: desk.book,
    journal: desk.journal,
    audit: desk.auditBook,
    evidence: (operation) => desk.evidence(operation, person.id),
    hosts: desk.hosts,
    hostFacts: desk.hostFacts,
    commands: desk.commands,
    profiles: desk.profiles,
    duties: desk.duties,
    settings: desk.settings,
    releases: desk.releases,
    patches: desk.patches,
    freezes: desk.freezes,
    stepUp: {
      people: () => desk.stepUp.people(),
      reset: async (id) => {
        const whose = await desk.identity.reachable(personOf(desk.config.people, id));
        const done = await desk.stepUp.reset(whose, person.id);
        return done.ok ? ok(whose.person) : done;
      },
    },
    approvers: () => desk.identity.active('approver'),
    sees: (site) => mayLookAt(person, site),
    whoMay: async (wanted, target) => (await desk.identity.whoMay(wanted, target)).slice(0, MOST_NAMES),
    cancel: (operation) => desk.book.cancel(operation, person.id, mayCancel(person)),
    reviews: {
      list: (which, filter) => desk.reviews.list(which, filter),
      close: (operation, note) => desk.reviews.close(operation, overseerOf(person), note),
      closers: () => activeIn(desk, ['approver', 'admin']),
    },
    standing: {
      list: (which) => desk.standing.store.list(which),
      find: (id) => desk.standing.store.find(id),
      ask: (asked) => askStanding(desk.standing, { ...asked, requester: person.id }),
    },
  });
  if (!answer.ok) return answer;
  if (answer.value.file) await desk.giveFile(person.account, answer.value.file, answer.value.summary);
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
  const wanted: Wanted = {
    command,
    args: args.value,
    requester: person.id,
    authorise: (target, risk) => mayUse(desk, person, { ...command, risk }, target),
    timing: timingOf(command, raw),
  };
  if (isDryRun(command, raw)) {
    await noteQuestion(desk, person, command, { line: notedLine(line, desk.commands) });
    return tryOperation(desk, { command, raw, wanted });
  }
  const opened = await desk.request({ ...wanted, line, account: person.account, key });
  if (!opened.ok) return opened;
  return ok(renderRecorded(opened.value, desk.config.slack.channels.operations));
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
