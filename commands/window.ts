import { z } from 'zod';
import { momentAt } from '../approvals/calendar.ts';
import { covers, type Freeze } from '../approvals/freezes.ts';
import { pictureOf } from '../approvals/picture.ts';
import { inZone, parseWhen } from '../approvals/when.ts';
import { findSite } from '../src/estate/estate.ts';
import { name } from '../src/estate/types.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err, ok } from '../src/kernel/result.ts';
import { AT_ONCE } from '../src/operations/assess.ts';
import { policyOf, UNKNOWN_WORK } from '../src/operations/site-policy.ts';
import { type Part, type Span, text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { forecast } from './contract/forecast.ts';
import { momentInWords } from './contract/words.ts';

const DAYS = 14;

function freezeSpans(freeze: Freeze): readonly Span[] {
  return [
    { code: freeze.id },
    ` ${freeze.reason}, by `,
    { person: freeze.by },
    ', until ',
    { at: freeze.until, style: 'day-time' },
  ];
}

export const command = question({
  name: 'window',
  summary: 'Show when changes may be made on a site: now, the coming two weeks, and what a command would meet.',
  fields: [
    { key: 'site', label: 'site', of: 'site', required: true },
    { key: 'command', label: 'name', of: 'command', required: false, flag: true },
    { key: 'at', label: 'time', of: 'text', required: false, flag: true },
  ],
  args: z.strictObject({ site: name, command: z.string().max(60).optional(), at: z.string().max(40).optional() }),
  answer: async (args, { estate, config, freezes, book, commands }) => {
    const site = findSite(estate, args.site);
    if (!site.ok) return site;
    const current = await freezes.current();
    const its = policyOf(config, estate, site.value, current);
    const { calendar } = its;
    const wanted = args.command === undefined ? null : commands.find((one) => one.name === args.command);
    if (wanted === undefined || wanted?.kind === 'question')
      return err(refusal('unknown_command', `"${args.command ?? ''}" is no operation.`));
    const now = await book.now();
    const zone = calendar?.timezone ?? 'UTC';
    const named = args.at === undefined ? null : parseWhen(args.at, zone, now);
    if (named && !named.ok) return named;
    const instant = named === null ? now : named.value;
    const moment = calendar === null ? null : momentAt(calendar, now);
    const change: Span[] =
      moment === null || moment.until === null
        ? ['none within two weeks']
        : [{ at: moment.until, style: 'day-time' }, ` (${inZone(moment.until, zone)} ${zone})`];
    const when = named === null ? 'now' : `at ${inZone(instant, zone)}`;
    const would = (risk: Parameters<typeof forecast>[1], work = UNKNOWN_WORK) =>
      forecast(its, risk, AT_ONCE, instant, { ...work, of: 'site' });
    const estimateMs = wanted === null ? null : await book.estimate(site.value.name, wanted.name);
    const parts: Part[] = [
      {
        kind: 'fields',
        rows: [
          {
            label: 'Site',
            value: [
              { strong: site.value.name },
              ` (${site.value.environment}${its.asProduction ? '' : ', not treated as production'})`,
            ],
          },
          { label: 'Now', value: [moment === null ? 'no calendar applies' : momentInWords(moment)] },
          { label: 'Next change', value: change },
          ...current
            .filter((freeze) => covers(freeze.scope, site.value))
            .map((freeze) => ({ label: 'Freeze', value: freezeSpans(freeze) })),
        ],
      },
      ...(calendar === null ? [] : [{ kind: 'log', text: pictureOf(calendar, now, DAYS) } as const]),
      ...(calendar === null ? [] : [text(`Local times of ${zone}.`)]),
      {
        kind: 'fields',
        rows: [
          { label: `A routine command ${when}`, value: would('routine') },
          { label: `A disruptive command ${when}`, value: would('disruptive') },
          ...(wanted === null
            ? []
            : [
                {
                  label: `${wanted.name} (${wanted.risk}) ${when}`,
                  value: would(wanted.risk, { estimateMs, destroys: false }),
                },
              ]),
        ],
      },
    ];
    return ok({
      summary: `${site.value.name} is ${moment === null ? 'without a calendar' : momentInWords(moment)}.`,
      parts,
    });
  },
});
