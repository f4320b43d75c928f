import type { Voter } from '../../../../approvals/request.ts';
import type { Command, RawArguments } from '../../../../commands/contract/command.ts';
import { targetOf, targetOfOperation } from '../../../../commands/contract/target.ts';
import type { RoleName } from '../../../config/schema.ts';
import { keyInWords } from '../../../estate/thing.ts';
import { type Refusal, refusal } from '../../../kernel/errors.ts';
import { err, ok, type Result } from '../../../kernel/result.ts';
import { authorise, mayLookAtTarget, naming, outOfSight, type Target } from '../../../operations/authorise.ts';
import type { OperationRecord } from '../../../operations/records.ts';
import type { Person } from '../identity.ts';
import type { Desk } from './desk.ts';

/** Who somebody is and that they belong here at all. */
export async function admit(desk: Desk, user: string): Promise<Result<Person, Refusal>> {
  const person = await desk.identity.person(user);
  if (!person.fullMember)
    return err(
      refusal('foreign_user', 'Guests, bots, deactivated people and members of other workspaces cannot use Twokey.'),
    );
  if (person.roles.length === 0 && person.grants.length === 0)
    return err(refusal('no_role', 'You have no role here yet.'));
  return ok(person);
}

/** What a command is asked about, by the arguments that are there. */
export async function targetFor(desk: Desk, command: Command, args: RawArguments): Promise<Target> {
  const operationOf = async (id: string) => (await desk.book.view(id))?.operation ?? null;
  return targetOf(command, args, await desk.estate(), operationOf);
}

/** Why a person may not use a command on that, naming people who may; null when they may. */
export async function mayUse(desk: Desk, person: Person, command: Command, target: Target): Promise<Refusal | null> {
  const denied = authorise(person, command, target);
  return denied === null ? null : naming(denied, await desk.identity.whoMay(command, target));
}

/** Why a person may not look at an operation; null when they may. */
export async function maySee(desk: Desk, person: Person, operation: OperationRecord): Promise<Refusal | null> {
  const target = targetOfOperation(await desk.estate(), operation);
  return mayLookAtTarget(person, target) ? null : outOfSight(keyInWords(operation.site));
}

/** What has to be known to say who can act in a role. */
export interface Knowing {
  readonly identity: Pick<Desk['identity'], 'active'>;
}

/** Everybody who can act in one of these roles. */
export async function activeIn(desk: Knowing, roles: readonly RoleName[]): Promise<readonly string[]> {
  const lists = await Promise.all(roles.map((role) => desk.identity.active(role)));
  return [...new Set(lists.flat())];
}

/** What has to be known to judge who may ask for an operation. */
type Known = Pick<Desk, 'commands' | 'estate'>;

/** Whether somebody may ask for an operation like this one where it is. */
async function couldAsk(desk: Known, person: Person, operation: OperationRecord): Promise<boolean> {
  const command = desk.commands.find((one) => one.name === operation.command);
  return (
    command !== undefined && authorise(person, command, targetOfOperation(await desk.estate(), operation)) === null
  );
}

/**
 * Who may have a plan built again: approvers, operators and admins, and those who may ask for it where it is; the one who
 * asked is one of these, or may not any more.
 */
export async function mayReplan(desk: Known, person: Person, operation: OperationRecord): Promise<Refusal | null> {
  const fits = (['operator', 'approver', 'admin'] as const).some((role) => person.roles.includes(role));
  return fits || (await couldAsk(desk, person, operation))
    ? null
    : refusal(
        'not_allowed',
        'Only those who may ask for it, an operator, an approver or an admin may have it planned again.',
      );
}

/** Who may leave an operation whose end nobody saw: operators and admins, and those who may ask for it where it is. */
export async function mayLeave(
  desk: Known,
  person: Person,
  operation: OperationRecord | null,
): Promise<Refusal | null> {
  const fits = person.roles.includes('operator') || person.roles.includes('admin');
  return fits || (operation && (await couldAsk(desk, person, operation)))
    ? null
    : refusal(
        'not_allowed',
        'Only operators and admins may leave an operation, and those whose grants let them ask for it.',
      );
}

/** Who may cancel an operation: the one who asked, approvers and admins. */
export function mayCancel(person: Person): (operation: OperationRecord) => Refusal | null {
  return (operation) =>
    operation.requester === person.id || person.roles.includes('approver') || person.roles.includes('admin')
      ? null
      : refusal('not_allowed', 'Only the person who asked, an approver or an admin may cancel this.');
}

/** A person as the one who votes: approvers by their role alone, never by a grant. */
export function voterOf({ id, account, fullMember, roles }: Person): Voter {
  return { person: id, account, fullMember, approver: roles.includes('approver') };
}

/** The same with whether they are an admin, for what approvers and admins may do alone. */
export function overseerOf(person: Person): Voter & { readonly admin: boolean } {
  return { ...voterOf(person), admin: person.roles.includes('admin') };
}
