import { z } from 'zod';
import { name } from './types.ts';

/**
 * Who answers for what on a site, as data: the responsibility matrices of vendors and hosters. A list belongs to a kind of
 * application and names roles; people are named per site by command.
 */

const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^[^\n\0]*$/, 'one line');
const word = z.string().regex(/^[a-z]+(?:[ ._-][a-z0-9]+)*$/, 'a name such as backup list or fs.space');

/** What Twokey can tell of a duty today; src/operations/duty-evidence.ts has a judgement for each. */
export const EVIDENCE_NAMES = [
  'approvers.pool',
  'backup.coverage',
  'backup.verified',
  'calendar.hours',
  'host.keys',
  'profile.commands',
  'reviews.closed',
  'signoff.list',
] as const;

const cover = z
  .strictObject({
    check: word.optional(),
    command: word.optional(),
    schedule: word.optional(),
    planned: z.boolean().default(false).describe('It does not exist yet.'),
  })
  .refine(
    (it) => [it.check, it.command, it.schedule].filter((one) => one !== undefined).length === 1,
    'a cover is one of `check`, `command` and `schedule`',
  );

const duty = z.strictObject({
  item: name,
  area: line(40),
  title: line(120),
  accountable: z.string().regex(/^[a-z]+(?: [a-z]+){0,3}$/, 'a role such as customer, vendor or nobody'),
  covers: z.array(cover).max(6).default([]),
  evidence: z.enum(EVIDENCE_NAMES).optional(),
  note: line(200).optional(),
});

export const dutyDocument = z
  .strictObject({ source: line(200), duties: z.array(duty).min(1).max(100) })
  .superRefine(({ duties }, context) => {
    duties.forEach(({ item }, index) => {
      if (duties.findIndex((one) => one.item === item) !== index)
        context.addIssue({ code: 'custom', path: ['duties', index, 'item'], message: `"${item}" stands here twice` });
    });
  });

export type EvidenceName = (typeof EVIDENCE_NAMES)[number];
export type Cover = z.output<typeof cover>;
export type Duty = z.output<typeof duty>;
/** Lists by name. */
export type DutyLists = ReadonlyMap<string, readonly Duty[]>;
