import { z } from 'zod';
import { AREAS, HOST_ROLES, RISKS } from './permission-words.ts';

/** Commands of these areas with one of these risks; where environments or host roles are named, only there. */
const allowance = z.strictObject({
  areas: z.array(z.enum(AREAS)).min(1),
  risks: z.array(z.enum(RISKS)).min(1),
  environments: z.array(z.string()).min(1).optional(),
  hosts: z.array(z.enum(HOST_ROLES)).min(1).optional(),
});

const preset = z.strictObject({
  /** Whose work it is, for people. */
  summary: z.string(),
  allows: z.array(allowance).min(1),
});

export const PRESET_NAMES = [
  'infrastructure',
  'cluster-management',
  'operations-engineer',
  'application-administrator',
] as const;
export type PresetName = (typeof PRESET_NAMES)[number];
export type Preset = z.output<typeof preset>;

const EVERYTHING = [...RISKS];
const LOOK = { areas: ['site', 'data', 'host', 'estate', 'monitoring'], risks: ['read'] };

/**
 * The shipped presets: the four roles of people who run such sites. None of them makes anybody an approver, and none
 * reaches the area `oversight`: both stay with the roles.
 */
export const PRESETS: Readonly<Record<PresetName, Preset>> = z
  .strictObject({
    infrastructure: preset,
    'cluster-management': preset,
    'operations-engineer': preset,
    'application-administrator': preset,
  })
  .parse({
    infrastructure: {
      summary: 'provides hardware, hosts and network',
      allows: [LOOK, { areas: ['host'], risks: EVERYTHING }, { areas: ['estate', 'monitoring'], risks: ['routine'] }],
    },
    'cluster-management': {
      summary: 'keeps the operating systems, the backups and the monitoring',
      allows: [
        LOOK,
        { areas: ['host'], risks: ['routine', 'disruptive'] },
        { areas: ['data', 'monitoring'], risks: ['routine'] },
        // A backup is proved by a restore, and that belongs onto staging.
        { areas: ['data'], risks: ['disruptive'], environments: ['staging'] },
      ],
    },
    'operations-engineer': {
      summary: 'deploys, restores and syncs: everything on sites and their data',
      allows: [
        LOOK,
        { areas: ['site', 'data'], risks: EVERYTHING },
        { areas: ['estate', 'monitoring'], risks: ['routine'] },
        { areas: ['host'], risks: ['routine'], hosts: ['app', 'api', 'transcoding', 'cache'] },
      ],
    },
    'application-administrator': {
      summary: 'looks, and uses the commands of the application itself',
      allows: [LOOK, { areas: ['site'], risks: ['routine'] }],
    },
  });
