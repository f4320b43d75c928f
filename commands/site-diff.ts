import { z } from 'zod';
import { dataPlace, mayCross } from '../src/estate/data-region.ts';
import { findSite } from '../src/estate/estate.ts';
import { driftOf } from '../src/estate/introspection/drift.ts';
import { factsOf, type HostFact } from '../src/estate/introspection/facts.ts';
import { type Host, name, type Site } from '../src/estate/types.ts';
import { durationInWords } from '../src/kernel/duration.ts';
import { type Refusal, refusal } from '../src/kernel/errors.ts';
import { err, ok, type Result } from '../src/kernel/result.ts';
import { outOfSight } from '../src/operations/authorise.ts';
import { lookAtHost, type StoredFact } from '../src/operations/host-facts.ts';
import { type Part, type Span, text } from './contract/answer.ts';
import { type QuestionContext, question } from './contract/command.ts';

interface Known {
  readonly facts: readonly HostFact[];
  /** How old the facts are. */
  readonly age: readonly Span[];
}

/** Asks the host now; when it does not answer, what was seen of it before, with its age. */
async function factsOfHost(host: Host, context: QuestionContext): Promise<Result<Known, Refusal>> {
  const look = await lookAtHost(context.hosts, host, 'all');
  if (look.ok) {
    const facts = factsOf(look.value);
    await context.hostFacts.note(host.name, facts, context.asker.person);
    return ok({ facts, age: ['asked now'] });
  }
  const stored = await context.hostFacts.of(host.name);
  if (stored.length === 0) {
    return err(
      refusal(
        look.error.code,
        `${look.error.message} Nothing was ever noted of ${host.name}, so there is nothing to compare.`,
        look.error.next,
      ),
    );
  }
  return ok({ facts: stored, age: ageOf(stored, await context.book.now(), look.error.message) });
}

function ageOf(stored: readonly StoredFact[], now: Date, why: string): readonly Span[] {
  const times = stored.map((fact) => fact.seenAt.getTime());
  const [oldest, newest] = [Math.min(...times), Math.max(...times)];
  const age = (at: number) => durationInWords(now.getTime() - at);
  return [
    { strong: 'not asked now' },
    `: ${why} These facts were seen `,
    { at: new Date(newest), style: 'day-time' },
    `, ${age(newest)} ago`,
    oldest === newest ? '.' : `; the oldest of them ${age(oldest)} ago.`,
  ];
}

function table(
  head: string,
  left: Site,
  right: Site,
  rows: readonly { what: string; left: string | null; right: string | null }[],
): readonly Part[] {
  if (rows.length === 0) return [];
  const cell = (value: string | null) => value ?? 'UNKNOWN';
  return [
    {
      kind: 'table',
      head: [head, left.name, right.name],
      rows: rows.map((row) => [row.what, cell(row.left), cell(row.right)]),
    },
  ];
}

export const command = question({
  name: 'site diff',
  summary: 'Compare two sites: system, PostgreSQL, versions, data region, compose services and keys, settings.',
  fields: [
    { key: 'a', label: 'site', of: 'site', required: true },
    { key: 'b', label: 'other site', of: 'site', required: true },
  ],
  args: z.strictObject({ a: name, b: name }),
  answer: async (args, context) => {
    const left = findSite(context.estate, args.a);
    if (!left.ok) return left;
    const right = findSite(context.estate, args.b);
    if (!right.ok) return right;
    const hidden = [left.value, right.value].find((site) => !context.sees(site));
    if (hidden) return err(outOfSight(hidden.name));
    if (left.value.name === right.value.name) return err(refusal('bad_arguments', 'That is the same site twice.'));
    const shared = left.value.host === right.value.host;
    const first = factsOfHost(left.value.hostOf, context);
    const [ofLeft, ofRight] = await Promise.all([first, shared ? first : factsOfHost(right.value.hostOf, context)]);
    if (!ofLeft.ok) return ofLeft;
    if (!ofRight.ok) return ofRight;
    const [from, to] = [dataPlace(context.estate, left.value), dataPlace(context.estate, right.value)];
    const { differs, unknown, same } = driftOf(
      { site: left.value, region: from.region, facts: ofLeft.value.facts },
      { site: right.value, region: to.region, facts: ofRight.value.facts },
    );
    const crossing = mayCross(from, to);
    const summary = `${args.a} and ${args.b}: ${differs.length} differences, ${same.length} things the same, ${unknown.length} not known on one side.`;
    const ages = [
      ...new Map([
        [left.value.host, ofLeft.value.age],
        [right.value.host, ofRight.value.age],
      ]),
    ];
    return ok({
      summary,
      parts: [
        text(summary),
        { kind: 'fields', rows: ages.map(([label, value]) => ({ label, value })) },
        ...table('Differs', left.value, right.value, differs),
        ...table('Not known', left.value, right.value, unknown),
        text(same.length === 0 ? 'Nothing is known to be the same.' : `The same: ${same.join(', ')}.`),
        ...(crossing.kind === 'free'
          ? []
          : [
              text(
                { strong: 'Data region: ' },
                `${crossing.why} That takes ${crossing.quorum ? 'the quorum' : 'a confirmation'}.`,
              ),
            ]),
        ...(shared ? [text(`Both are on ${left.value.host}.`)] : []),
      ],
    });
  },
});
