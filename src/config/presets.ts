import { type Area, type HostRole, RISKS } from './permission-words.ts';

/** Commands of these areas with one of these risks; where environments or host roles are named, only there. */
interface Allowance {
  readonly areas: readonly Area[];
  readonly risks: readonly (typeof RISKS)[number][];
  readonly environments?: readonly string[];
  readonly hosts?: readonly HostRole[];
}

interface Preset {
  /** Whose work it is, for people. */
  readonly summary: string;
  readonly allows: readonly Allowance[];
}

export const PRESET_NAMES = [
  'infrastructure',
  'cluster-management',
  'operations-engineer',
  'application-administrator',
] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

const LOOK: Allowance = { areas: ['site', 'data', 'host', 'estate', 'monitoring'], risks: ['read'] };

/**
 * The shipped presets: the four roles of people who run such sites. None of them makes anybody an approver, and none
 * reaches the area `oversight`: both stay with the roles.
 */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  infrastructure: {
    summary: 'provides hardware, hosts and network',
    allows: [LOOK, { areas: ['host'], risks: RISKS }, { areas: ['estate', 'monitoring'], risks: ['routine'] }],
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
      { areas: ['site', 'data'], risks: RISKS },
      { areas: ['estate', 'monitoring'], risks: ['routine'] },
      { areas: ['host'], risks: ['routine'], hosts: ['app', 'api', 'transcoding', 'cache'] },
    ],
  },
  'application-administrator': {
    summary: 'looks, and uses the commands of the application itself',
    allows: [LOOK, { areas: ['site'], risks: ['routine'] }],
  },
};
