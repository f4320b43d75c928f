import { targetOfKey } from '../../src/estate/target.ts';
import { keyOf, type ThingKind } from '../../src/estate/thing.ts';
import { policyOfTarget } from '../../src/operations/site-policy.ts';
import { STATE_WORDS } from '../../src/operations/state.ts';
import type { Span } from './answer.ts';
import type { QuestionContext } from './command.ts';

/** A row of facts. */
export interface Fact {
  readonly label: string;
  readonly value: readonly Span[];
}

/** What is true of a cluster, a host and a site alike: how changes are treated, what runs, when it was last changed. */
export async function commonFacts(kind: ThingKind, name: string, context: QuestionContext): Promise<readonly Fact[]> {
  const { estate, estateBook, config, book } = context;
  const key = keyOf(kind, name);
  const target = targetOfKey(estate, key);
  const [active, change] = await Promise.all([book.active(key), estateBook.lastChange(kind, name)]);
  const problem = target === null ? null : policyOfTarget(config, target, []).problem;
  const changed: readonly Span[] =
    change === null
      ? ['never by a command; it was imported']
      : [{ at: change.at, style: 'day-time' }, ', operation ', { code: change.operation }];
  return [
    {
      label: 'Treated as',
      value: [target?.asProduction ? 'production' : 'not production', problem === null ? '' : `. Warning: ${problem}`],
    },
    {
      label: 'Operations',
      value: [
        active.map((one) => `${one.id} ${one.command} (${STATE_WORDS[one.state]})`).join(', ') || 'none waits or runs',
      ],
    },
    { label: 'Last change', value: changed },
  ];
}
