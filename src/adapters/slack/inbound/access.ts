import { type Command, isFor } from '../../../../commands/contract/command.ts';
import type { RoleName } from '../../../config/schema.ts';
import { type Refusal, refusal } from '../../../kernel/errors.ts';
import { err, ok, type Result } from '../../../kernel/result.ts';
import type { OperationRecord } from '../../../operations/records.ts';
import type { Person } from '../identity.ts';
import type { Desk } from './desk.ts';

/** How many people a refusal names. */
const MOST_NAMES = 8;

/** Who somebody is and that they belong here at all. */
export async function admit(desk: Desk, user: string): Promise<Result<Person, Refusal>> {
  const person = await desk.identity.person(user);
  if (!person.fullMember)
    return err(
      refusal('foreign_user', 'Guests, bots, deactivated people and members of other workspaces cannot use Twokey.'),
    );
  if (person.roles.length === 0) return err(refusal('no_role', 'You have no role here yet.'));
  return ok(person);
}

/** Whether a person may use a command; admins may use every one. */
export function mayUse(person: Person, command: Command): Refusal | null {
  if (isFor(command, person.roles)) return null;
  return refusal(
    'not_allowed',
    `\`${command.name}\` is for ${[...command.roles, 'admin'].join(', ')}; you are ${person.roles.join(', ')}.`,
  );
}

/** A refusal for the lack of a role, with the people who hold one of these. */
export async function naming(desk: Desk, refused: Refusal, roles: readonly RoleName[]): Promise<Refusal> {
  const people = (await activeIn(desk, roles)).slice(0, MOST_NAMES).map((id) => `<@${id}>`);
  return people.length === 0 ? refused : { ...refused, next: `Ask ${people.join(' or ')}.` };
}

/** Everybody who can act in one of these roles. */
export async function activeIn(desk: Pick<Desk, 'identity'>, roles: readonly RoleName[]): Promise<readonly string[]> {
  const lists = await Promise.all(roles.map((role) => desk.identity.active(role)));
  return [...new Set(lists.flat())];
}

/** Who may have a plan built again: the one who asked, operators, approvers and admins. */
export function mayReplan(person: Person, operation: OperationRecord): Refusal | null {
  const fits = (['operator', 'approver', 'admin'] as const).some((role) => person.roles.includes(role));
  return operation.requester === person.id || fits
    ? null
    : refusal(
        'not_allowed',
        'Only the person who asked, an operator, an approver or an admin may have it planned again.',
      );
}

/** Who may cancel an operation: the one who asked, approvers and admins. */
export function mayCancel(person: Person): (operation: OperationRecord) => Refusal | null {
  return (operation) =>
    operation.requester === person.id || person.roles.includes('approver') || person.roles.includes('admin')
      ? null
      : refusal('not_allowed', 'Only the person who asked, an approver or an admin may cancel this.');
}
