import fc from 'fast-check';
import { expect, it } from 'vitest';
import { castVote } from '../../../../../approvals/machine.ts';
import { voterOf } from '../../../../../src/adapters/slack/inbound/access.ts';
import { PRESET_NAMES } from '../../../../../src/config/presets.ts';
import type { RoleName } from '../../../../../src/config/schema.ts';
import { request, T0 } from '../../../../support/builders.ts';

it('P1 whatever roles and grants somebody holds: never a voter unless an approver and a full member', () => {
  const roles = fc.uniqueArray(fc.constantFrom<RoleName>('admin', 'operator', 'approver', 'viewer'));
  const grants = fc.array(fc.constantFrom(...PRESET_NAMES).map((preset) => ({ who: ['U0ONE'], preset })));
  fc.assert(
    fc.property(roles, grants, fc.boolean(), fc.constantFrom('U0ONE', 'U0TWO'), (held, more, fullMember, account) => {
      const voter = voterOf({ id: 'U0ONE', account, name: 'one', fullMember, roles: held, grants: more });
      const cast = castVote(request(), voter, 'approve', T0);
      expect(cast.ok).toBe(fullMember && held.includes('approver'));
      // The person counts, whichever of their ids they used.
      expect(castVote(request({ requester: 'U0ONE' }), voter, 'approve', T0).ok).toBe(false);
    }),
  );
});
