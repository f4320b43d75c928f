/** One way to break a rule. `from` stands exactly once in the file, so that a mutant cannot rot unseen. */
export interface Mutant {
  readonly breaks: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The test that has to notice; the random walks where it says nothing. */
  readonly noticedBy?: string;
}

/** What shows that there is room for whatever runs. */
export const ROOM = 'test/unit/operations/host-room.test.ts';

export const MUTANTS: readonly Mutant[] = [
  {
    breaks: 'one approval less than the quorum is enough',
    file: 'approvals/machine.ts',
    from: 'confirmed && approvers >= request.quorum',
    to: 'confirmed && approvers + 1 >= request.quorum',
  },
  {
    breaks: 'it is approved though the requester has not confirmed it',
    file: 'approvals/machine.ts',
    from: 'confirmed && approvers >= request.quorum',
    to: 'approvers >= request.quorum',
  },
  {
    breaks: 'somebody else confirms for the requester',
    file: 'approvals/machine.ts',
    from: 'if (voter.person !== request.requester)',
    to: 'if (false)',
  },
  {
    breaks: 'any name confirms',
    file: 'approvals/machine.ts',
    from: 'if (given.name !== name)',
    to: 'if (false)',
  },
  {
    breaks: 'the requester may approve',
    file: 'approvals/machine.ts',
    from: "voter.person === request.requester && verdict === 'approve' && !request.requesterCounts",
    to: 'false',
  },
  {
    breaks: 'an outsider may vote',
    file: 'approvals/machine.ts',
    from: '!voter.approver && !ownDeny && !ownCounts',
    to: 'false',
  },
  {
    breaks: 'a vote taken back goes on counting',
    file: 'approvals/machine.ts',
    from: "vote.verdict === 'approve' && !vote.withdrawn && vote.generation === request.generation",
    to: "vote.verdict === 'approve' && vote.generation === request.generation",
  },
  {
    breaks: 'somebody who is no longer an approver still counts at the start',
    file: 'approvals/machine.ts',
    from: 'const may = approvers.filter((person) => eligible.get(person) === true);',
    to: 'const may = approvers;',
  },
  {
    breaks: 'a denial comes too late once it is approved',
    file: 'approvals/machine.ts',
    from: "verdict === 'deny' && request.state === 'approved'",
    to: 'false',
  },
  {
    breaks: 'a click on a card of an older plan counts for the new one',
    file: 'approvals/machine.ts',
    from: 'if (shown === generation) return null;',
    to: 'if (shown !== undefined) return null;',
  },
  {
    breaks: 'it starts a second time',
    file: 'src/operations/gate.ts',
    from: "if (operation.state !== 'queued')",
    to: "if (operation.state === 'denied')",
  },
  {
    breaks: 'another plan runs than the approved one',
    file: 'src/operations/drift.ts',
    from: 'if (planHash === operation.planHash) return null;',
    to: "if (planHash !== '') return null;",
  },
  {
    breaks: 'it starts outside its window',
    file: 'src/operations/gate.ts',
    from: "if (reached && verdict.kind !== 'hold')",
    to: 'if (reached)',
  },
  {
    breaks: 'it starts after its time',
    file: 'src/operations/gate.ts',
    from: 'operation.startBy !== null && now >= operation.startBy',
    to: 'false',
  },
  {
    breaks: 'one more runs on a host than may',
    file: 'src/operations/host-room.ts',
    from: 'there.length >= atOnce',
    to: 'there.length > atOnce',
    noticedBy: ROOM,
  },
  {
    breaks: 'another name of a machine is another machine',
    file: 'src/operations/host-room.ts',
    from: 'hosts.filter((host) => sameMachine(host, known))',
    to: '[known]',
    noticedBy: ROOM,
  },
  {
    breaks: 'what may not start any more waits for room',
    file: 'src/operations/host-room.ts',
    from: "if (verdict.kind !== 'start') return verdict;",
    to: '',
    noticedBy: ROOM,
  },
];
