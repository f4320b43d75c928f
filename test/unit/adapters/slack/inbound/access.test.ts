import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { castVote } from '../../../../../approvals/machine.ts';
import { command } from '../../../../../commands/backup.ts';
import { mayLeave, mayReplan, voterOf } from '../../../../../src/adapters/slack/inbound/access.ts';
import type { Grant } from '../../../../../src/config/grants.ts';
import { PRESET_NAMES } from '../../../../../src/config/presets.ts';
import type { RoleName } from '../../../../../src/config/schema.ts';
import { approval, estate, hostInput, operation, request, siteInput, T0 } from '../../../../support/builders.ts';

it('P1 whatever roles and grants somebody holds: never a voter unless an approver and a full member', () => {
  const roles = fc.uniqueArray(fc.constantFrom<RoleName>('admin', 'operator', 'approver', 'viewer'));
  const grants = fc.array(fc.constantFrom(...PRESET_NAMES).map((preset) => ({ who: ['U0ONE'], preset })));
  fc.assert(
    fc.property(roles, grants, fc.boolean(), fc.constantFrom('U0ONE', 'U0TWO'), (held, more, fullMember, account) => {
      const voter = voterOf({ id: 'U0ONE', account, name: 'one', fullMember, roles: held, grants: more });
      const cast = castVote(request(), voter, approval(), T0);
      expect(cast.ok).toBe(fullMember && held.includes('approver'));
      // The person counts, whichever of their ids they used.
      expect(castVote(request({ requester: 'U0ONE' }), voter, approval(), T0).ok).toBe(false);
    }),
  );
});

describe('work that waits, or whose end nobody saw', () => {
  const its = estate([hostInput('db1')], [siteInput('acme', 'db1', { environment: 'staging' })]);
  const desk = { commands: [command], estate: () => Promise.resolve(its) };
  const asked = operation({ command: 'backup', site: 'acme', environment: 'staging', requester: 'U0ONE' });
  const person = (roles: readonly RoleName[], grants: readonly Grant[] = []) => ({
    id: 'U0ONE',
    account: 'U0ONE',
    name: 'one',
    fullMember: true,
    roles,
    grants,
  });
  const granted = (preset: Grant['preset'], environment: string) =>
    person(['viewer'], [{ who: ['U0ONE'], preset, environment }]);
  const cases: [string, ReturnType<typeof person>, boolean, boolean][] = [
    ['an operator', person(['operator']), true, true],
    ['an admin', person(['admin']), true, true],
    ['an approver', person(['approver']), true, false],
    ['who asked, and may still', granted('operations-engineer', 'staging'), true, true],
    ['who asked, and may not any more', person(['viewer']), false, false],
    ['whose grant is for elsewhere', granted('operations-engineer', 'production'), false, false],
    ['whose grant only looks', granted('application-administrator', 'staging'), false, false],
  ];
  it.each(cases)('%s', async (_who, one, replans, leaves) => {
    expect((await mayReplan(desk, one, asked)) === null).toBe(replans);
    expect((await mayLeave(desk, one, asked)) === null).toBe(leaves);
  });
});
