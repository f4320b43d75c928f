import { z } from 'zod';
import { didYouMean } from '../kernel/did-you-mean.ts';
import { countryHolidays } from './country-holidays.ts';
import { grant } from './grants.ts';
import { people, personOf, userOrGroup } from './people.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof DAYS)[number];

/** A span of a day in minutes since local midnight; `to` may pass 1440 when the span runs over midnight. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Spans by ISO weekday, Monday first (index 0 to 6). */
export type Week = readonly (readonly Span[])[];

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration such as `90s`, `60m`, `4h` or `2d`, as milliseconds. */
export const duration = z
  .string()
  .regex(/^[1-9]\d{0,5}[smhd]$/, 'a duration is a whole number and one of s, m, h, d, for example 60m')
  .transform((text) => Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? 0));

function parseSpan(text: string): Span | null {
  const found = /^(\d{2}):(\d{2})-(\d{2}):(\d{2})$/.exec(text);
  if (!found) return null;
  const [fromHour, fromMinute, toHour, toMinute] = found.slice(1).map(Number) as [number, number, number, number];
  if (fromHour > 23 || fromMinute > 59 || toMinute > 59 || toHour > 24 || (toHour === 24 && toMinute > 0)) return null;
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  // Nothing or the whole day? The whole day is written 00:00-24:00.
  if (from === to) return null;
  return { from, to: to > from ? to : to + 1440 };
}

function daysOf(key: string): number[] | null {
  const [first, last, ...rest] = key.split('-');
  const from = DAYS.indexOf(first as Weekday);
  const to = last === undefined ? from : DAYS.indexOf(last as Weekday);
  if (rest.length > 0 || from < 0 || to < 0) return null;
  const days = [from];
  for (let day = from; day !== to; ) {
    day = (day + 1) % 7;
    days.push(day);
  }
  return days;
}

/** `{ mon-thu: "09:00-18:00", fri: ["09:00-12:00", "13:00-16:00"] }`; `{}` means never. */
export const workingHours = z
  .record(z.string(), z.union([z.string(), z.array(z.string())]))
  .transform((input, context): Week => {
    const week: Span[][] = DAYS.map(() => []);
    for (const [key, value] of Object.entries(input)) {
      const days = daysOf(key);
      if (!days) context.addIssue({ code: 'custom', message: `"${key}" is not a weekday or a range such as mon-thu` });
      for (const text of typeof value === 'string' ? [value] : value) {
        const span = parseSpan(text);
        if (!span) context.addIssue({ code: 'custom', message: `"${text}" is not a span such as 09:00-18:00` });
        else for (const day of days ?? []) week[day]?.push(span);
      }
    }
    return week;
  });

const isoDate = z.iso.date();
const localTime = z.iso
  .datetime({ local: true, precision: -1 })
  .or(z.iso.datetime({ local: true }))
  .refine((text) => !text.endsWith('Z'), 'a local time of the calendar, for example 2026-12-20T00:00');

const timezone = z.string().refine((zone) => {
  try {
    Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}, 'not an IANA time zone, for example Europe/Berlin');

export const calendar = z.strictObject({
  timezone,
  working_hours: workingHours,
  holidays: z
    .strictObject({
      country: z.string().length(2).optional(),
      region: z.string().optional(),
      extra: z.array(isoDate).default([]),
      /** Path of an .ics file, from the configuration file's folder. */
      ics: z.string().min(1).optional(),
      /** The days of that file, put here when it is read; not for people. */
      dates: z
        .undefined()
        .optional()
        .transform((): Readonly<Record<string, string>> | undefined => undefined),
    })
    .superRefine(({ country, region }, context) => {
      if (country === undefined && region === undefined) return;
      // The library gives an unknown country no holidays at all, and says nothing.
      const known = countryHolidays();
      if (country !== undefined && !Object.hasOwn(known.getCountries(), country)) {
        context.addIssue({ code: 'custom', path: ['country'], message: `no holidays are known for "${country}"` });
      } else if (
        region !== undefined &&
        !(country !== undefined && Object.hasOwn(known.getStates(country) ?? {}, region))
      ) {
        context.addIssue({ code: 'custom', path: ['region'], message: `no region "${region}" is known there` });
      }
    })
    .optional(),
  freezes: z
    .array(
      z
        .strictObject({ from: localTime, to: localTime, reason: z.string().min(1) })
        .refine((freeze) => freeze.from < freeze.to, 'a freeze has to end after it begins'),
    )
    .default([]),
});

const environmentPolicy = z.strictObject({
  calendar: z.string().optional(),
  quorum: z.int().min(1).max(9).default(2),
  requester_counts: z.boolean().default(false),
  decide_within: duration.default(3_600_000),
  start_within: duration.default(14_400_000),
  emergency: z.boolean().default(true),
  fresh_backup: duration.default(86_400_000),
  /** Whether approvals need a code of the voter's authenticator app; those who are enrolled are always asked for one. */
  totp: z.enum(['optional', 'required']).default('optional'),
  standing_approval: duration.default(7_776_000_000),
});

/** How releases are fetched. Addresses of private networks are refused unless their host is named here. */
const releases = z
  .strictObject({
    private_hosts: z.array(z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/, 'a host name or an address')).default([]),
    max_gigabytes: z.number().min(0.001).max(1_000).default(20),
    download_within: duration.default(1_800_000),
  })
  .prefault({});

const holders = z.array(userOrGroup).default([]);
const channelId = z.string().regex(/^[CGD][A-Z0-9]{2,20}$/, 'a Slack channel id (C…)');

export const configFile = z
  .strictObject({
    slack: z.strictObject({
      command: z
        .string()
        .regex(/^\/[a-z][a-z0-9_-]{0,30}$/)
        .default('/ops'),
      /** Messages a second in one channel. Slack takes one; another server in its place may take more. */
      messages_per_second: z.number().min(0.1).max(50).default(0.9),
      channels: z.strictObject({
        operations: channelId,
        alerts: channelId.optional(),
        reports: channelId.optional(),
        audit: channelId.optional(),
      }),
    }),
    roles: z.strictObject({ admin: holders, operator: holders, approver: holders, viewer: holders }),
    people,
    grants: z.array(grant).default([]),
    calendars: z.record(z.string(), calendar).default({}),
    policy: z.record(z.string(), environmentPolicy),
    releases,
  })
  .superRefine((config, context) => {
    for (const [name, policy] of Object.entries(config.policy)) {
      if (policy.calendar !== undefined && !Object.hasOwn(config.calendars, policy.calendar)) {
        context.addIssue({
          code: 'custom',
          path: ['policy', name, 'calendar'],
          message: `there is no calendar "${policy.calendar}"`,
        });
      }
      if (name === 'production' && policy.calendar === undefined) {
        context.addIssue({
          code: 'custom',
          path: ['policy', name, 'calendar'],
          message: 'production needs a calendar',
        });
      }
    }
    for (const [index, { environment }] of config.grants.entries()) {
      if (environment === undefined || Object.hasOwn(config.policy, environment)) continue;
      const near = didYouMean(environment, Object.keys(config.policy));
      context.addIssue({
        code: 'custom',
        path: ['grants', index, 'environment'],
        message: `the policy has no environment "${environment}"${near === undefined ? '' : `, did you mean "${near}"?`}`,
      });
    }
    // The members of a user group are known only later; people can be counted now, and count once with all their ids.
    const countable = config.roles.approver.every((id) => !id.startsWith('S'));
    const approvers = new Set(config.roles.approver.map((id) => personOf(config.people, id)));
    for (const [name, { quorum, requester_counts: requesterCounts }] of Object.entries(config.policy)) {
      if (!countable || approvers.size >= quorum - (requesterCounts ? 1 : 0)) continue;
      const who = approvers.size === 0 ? 'nobody' : [...approvers].join(', ');
      context.addIssue({
        code: 'custom',
        path: ['policy', name, 'quorum'],
        message: `${quorum} approvals can never be reached: ${who} can approve; name more people in roles.approver`,
      });
    }
    if (!Object.hasOwn(config.policy, 'production')) {
      context.addIssue({ code: 'custom', path: ['policy'], message: 'the policy of production is missing' });
    }
  });

export type ConfigFile = z.output<typeof configFile>;
export type EnvironmentPolicy = z.output<typeof environmentPolicy>;
export type RoleName = 'admin' | 'operator' | 'approver' | 'viewer';
