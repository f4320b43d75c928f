import type { StandingChange } from '../../../../approvals/standing.ts';
import type { Refusal } from '../../../kernel/errors.ts';
import { ok, type Result } from '../../../kernel/result.ts';
import { castStandingVote, takeStandingVoteBack } from '../../../operations/standing.ts';
import type { Person } from '../identity.ts';
import { withPeople } from '../render/mrkdwn.ts';
import { voterOf } from './access.ts';
import type { Desk } from './desk.ts';

/** The buttons of standing approvals that act at once; Deny and Revoke ask for a reason first. */
export type StandingAction = 'standing-approve' | 'standing-withdraw';

export function isStandingAction(action: string): action is StandingAction {
  return action === 'standing-approve' || action === 'standing-withdraw';
}

/** Does what a click asks for and says what came of it. */
export async function pressStanding(
  desk: Desk,
  person: Person,
  action: StandingAction,
  id: string,
): Promise<Result<string, Refusal>> {
  const voter = voterOf(person);
  const done = await (action === 'standing-approve'
    ? castStandingVote(desk.standing, id, voter, 'approve', null)
    : takeStandingVoteBack(desk.standing, id, voter));
  return done.ok ? ok(standingWords(done.value)) : done;
}

/** What a change means, to the one who brought it about. */
export function standingWords(change: StandingChange): string {
  switch (change.kind) {
    case 'vote':
      if (change.verdict === 'deny') return 'You denied it. It will never be active.';
      return change.becomes === 'active'
        ? 'Your approval was the last one needed. It is active now.'
        : 'Your approval counts. More are needed.';
    case 'withdraw':
      return change.becomes === 'suspended'
        ? 'Your vote is withdrawn. It is suspended until somebody else approves.'
        : 'Your vote is withdrawn.';
    case 'revoke':
      return 'You revoked it. No run starts by it any more.';
    case 'void':
    case 'expire':
    case 'suspend':
      return `It is ${change.becomes} now, and your click changed nothing else. ${withPeople(change.reason)}`;
    case 'use':
      return 'It was used.';
    default:
      return change satisfies never;
  }
}
