import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Temporal } from 'temporal-polyfill';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { type Lab, type LabOptions, labConfiguration } from './lab.ts';

/** What people have to do for one cell of the policy table, and what they read. */
export interface Cell {
  /** The situation, as the table's row names it. */
  readonly row: string;
  readonly site: string;
  readonly environment: 'production' | 'staging';
  readonly command: 'backup' | 'rehearse' | 'demolish';
  readonly votes: 0 | 2;
  readonly held: boolean;
  /** What the requester does beyond asking. */
  readonly confirm: 'nothing' | 'click' | 'name' | 'name and reason';
  /** The policy's sentence. */
  readonly why: string;
}

type Asked = Pick<Cell, 'votes' | 'held' | 'confirm' | 'why'>;
const NOBODY = { votes: 0, held: false, confirm: 'nothing' } as const;
const QUORUM = { votes: 2, held: false, confirm: 'nothing' } as const;
const HELD = { votes: 2, held: true, confirm: 'nothing' } as const;

const OUTSIDE =
  'This is outside working hours. The calendar has no working hours at all, so every change is approved first.';
const WORKING = 'Routine work in working hours runs at once and is recorded.';
const WAITS = 'Disruptive work waits until working hours are over.';
const FROZEN = 'Changes are frozen (the auditors are here).';
const GLASS = 'A break-glass step on production always needs the quorum.';
const ON_HOST = ' It shares its host with acme, so the rules of production hold.';
const IN_CLUSTER = ' It shares its PostgreSQL cluster with acme, so the rules of production hold.';

const outside = (more = ''): [Asked, Asked, Asked] => [
  { ...QUORUM, why: OUTSIDE + more },
  { ...QUORUM, why: OUTSIDE + more },
  { ...QUORUM, confirm: 'name', why: GLASS + more },
];
const working = (more = ''): [Asked, Asked, Asked] => [
  { ...NOBODY, why: WORKING + more },
  { ...HELD, why: WAITS + more },
  { ...QUORUM, confirm: 'name and reason', why: GLASS + more },
];

/** Each row: the situation, its site, and what routine, disruptive and break-glass work asks there. */
const ROWS: readonly (readonly [string, string, [Asked, Asked, Asked]])[] = [
  ['production, outside working hours', 'acme', outside()],
  ['production, in working hours', 'acme-day', working()],
  [
    'production, in a freeze',
    'acme-frozen',
    [
      { ...QUORUM, why: FROZEN },
      { ...HELD, why: FROZEN },
      { ...QUORUM, confirm: 'name and reason', why: GLASS },
    ],
  ],
  [
    'staging',
    'acme-staging',
    [
      { ...NOBODY, why: 'This is not production.' },
      { ...NOBODY, confirm: 'click', why: 'Disruptive work outside production needs one confirmation.' },
      { ...QUORUM, confirm: 'name', why: 'A break-glass step needs the quorum everywhere.' },
    ],
  ],
  ['staging on a host of production, outside working hours', 'twin', outside(ON_HOST)],
  ['staging on a host of production, in working hours', 'twin-day', working(ON_HOST)],
  ['staging in a PostgreSQL cluster of production, outside working hours', 'mirror', outside(IN_CLUSTER)],
  ['staging in a PostgreSQL cluster of production, in working hours', 'mirror-day', working(IN_CLUSTER)],
];
const COMMANDS = ['backup', 'rehearse', 'demolish'] as const;

/** Every cell of the table that is more than a question, row by row. */
export const CELLS: readonly Cell[] = ROWS.flatMap(([row, site, asked]) =>
  asked.map((its, column) => ({
    row,
    site,
    environment: site.startsWith('acme') && site !== 'acme-staging' ? ('production' as const) : ('staging' as const),
    command: COMMANDS[column] ?? 'backup',
    ...its,
  })),
);
export const SITES: readonly string[] = ROWS.map(([, site]) => site);
export const FREEZE = '/ops freeze site:acme-frozen --until 23:59 --reason "the auditors are here"';

/** Who has to do what next, as the card says it; `counted` approvals have been given to what `asker` asked for. */
export function nextWords({ votes, confirm }: Pick<Cell, 'votes' | 'confirm'>, counted = 0, asker = 'U0REQ'): string {
  const approvers =
    votes - counted <= 0
      ? []
      : counted === 0
        ? [`2 approvers other than <@${asker}> press *Approve*.`]
        : [`1 more approver other than <@${asker}> presses *Approve*.`];
  const requester = {
    nothing: [],
    click: [`<@${asker}> presses *Confirm*.`],
    name: [`<@${asker}> presses *Confirm* and types the site’s name.`],
    'name and reason': [`<@${asker}> presses *Confirm* and types the site’s name and a reason.`],
  }[confirm];
  return [...approvers, ...requester].join(' ') || 'nobody has to do anything.';
}

const site = z.looseObject({ name: z.string(), site_dir: z.string(), host: z.string(), database: z.unknown() });
const document = z.object({ clusters: z.tuple([z.looseObject({ sites: z.tuple([site, site]) })]) });

/** Adds the table's sites to the estate of a lab that has a staging site, before its bot starts. */
export async function furnish(lab: Lab): Promise<void> {
  const file = join(lab.home, 'estate.yml');
  const { clusters } = document.parse(parse(await readFile(file, 'utf8')));
  const [{ sites, ...cluster }] = clusters;
  const [production, staging] = sites;
  const day = { calendar: 'day' };
  const twin = { ...staging, host: production.host };
  const mirror = { ...staging, database: production.database };
  const more = [
    { ...production, ...day, name: 'acme-day' },
    { ...production, name: 'acme-frozen' },
    { ...twin, name: 'twin' },
    { ...twin, ...day, name: 'twin-day' },
    { ...mirror, name: 'mirror' },
    { ...mirror, ...day, name: 'mirror-day' },
  ].map((one) => ({
    ...one,
    site_dir: `${one.host === production.host ? production.site_dir : staging.site_dir}-${one.name}`,
  }));
  for (const { site_dir } of more) {
    await mkdir(site_dir);
    await chmod(site_dir, 0o777);
  }
  await writeFile(file, stringify({ clusters: [{ ...cluster, sites: [...sites, ...more] }] }));
}

/** Writes the configuration: the calendar `day` has working hours today and tomorrow, or none any more once they are over. */
export async function configure(lab: Lab, options: LabOptions, hours: 'working' | 'over'): Promise<void> {
  const now = Temporal.Now.zonedDateTimeISO('Europe/Berlin');
  const name = (days: number) => now.add({ days }).toLocaleString('en', { weekday: 'short' }).toLowerCase();
  const working = { [name(0)]: '00:00-24:00', [name(1)]: '00:00-24:00' };
  const { calendars, ...rest } = labConfiguration(options);
  const day = { timezone: 'Europe/Berlin', working_hours: hours === 'working' ? working : {} };
  await writeFile(join(lab.home, 'twokey.yml'), stringify({ ...rest, calendars: { ...calendars, day } }));
}
