import type { KnownBlock, ModalView } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { detailsLoading, renderDetails } from '../../../../../src/adapters/slack/render/details.ts';
import { stepByName } from '../../../../../src/operations/steps/index.ts';
import { parseView } from '../../../../../src/workspace/blocks/view.ts';
import { operation, plan, plannedStep, T0 } from '../../../../support/builders.ts';
import { foreignTokens, NASTY } from '../../../../support/slack-limits.ts';

/** Throws what Slack would answer when it does not take the view. */
const taken = (view: ModalView) => parseView(JSON.parse(JSON.stringify(view)), 'modal');
const isKnown = (block: ModalView['blocks'][number]): block is KnownBlock => block.type !== '';
const known = (view: ModalView): KnownBlock[] => view.blocks.filter(isKnown);
const rich = z.object({ elements: z.array(z.object({ elements: z.array(z.object({ text: z.string() })) })) });
/** All preformatted text, joined as it was cut. */
function commands(view: ModalView): string {
  return view.blocks
    .filter((block) => block.type === 'rich_text')
    .flatMap((block) => rich.parse(block).elements.flatMap((part) => part.elements.map((one) => one.text)))
    .join('\n');
}
const words = (view: ModalView) => JSON.stringify(view.blocks);

describe('the details of a request', () => {
  it('hold each script as it runs, with its parameters as shell words', () => {
    const its = plan({ steps: [plannedStep({ params: { site: "it's", jobs: '2' } })], cleanup: [] });
    const view = renderDetails(operation({ plan: its }), null);
    taken(view);
    expect(commands(view)).toContain(`P_site='it'\\''s'\nP_jobs='2'\n`);
    expect(commands(view)).toContain(stepByName('db.dump')?.body.trim());
  });

  it('name secrets, the usual duration, and the difference to the last run', () => {
    const before = operation({ id: '11111111', state: 'failed', plan: plan({ effects: ['Reads something else.'] }) });
    const view = renderDetails(operation({ estimateMs: 95_000 }), before);
    for (const said of [
      '`acme-db`',
      '1 min 35 s',
      '`11111111`',
      'failed',
      'effects: Reads something else. → Reads the',
    ])
      expect(words(view)).toContain(said);
    const same = words(renderDetails(operation(), operation({ id: '11111111', state: 'succeeded' })));
    expect(same).toContain('The plan is the same, word for word.');
    expect(words(renderDetails(operation(), null))).toContain('never been run on this site');
  });

  it('say what a step leaves behind when it fails, and what is blanked in its output', () => {
    const aftermath = 'Maintenance stays ON: `redeploy acme` ends it.';
    const its = plan({ steps: [plannedStep({ aftermath, blanks: ['mail-password'] })], cleanup: [] });
    const view = renderDetails(operation({ plan: its }), null);
    taken(view);
    expect(words(view)).toContain(`*If it ends here*  ${aftermath}`);
    expect(words(view)).toContain('the values of `mail-password`');
  });

  it('mark the steps that destroy something, and say what was confirmed', () => {
    const its = plan({ steps: [plannedStep(), plannedStep({ destroys: 'the folder <srv>' })], cleanup: [] });
    const verdict = { kind: 'votes', quorum: 2, typedName: true, why: 'Break-glass.' } as const;
    const asked = renderDetails(operation({ plan: its, verdict }), null);
    taken(asked);
    expect(words(asked).match(/:warning: \*This step destroys\* the folder &lt;srv&gt;/g)).toHaveLength(1);
    expect(words(asked)).toContain('it waits for <@U0REQ> to type the site’s name');
    const confirmed = { at: T0, typed: true, reason: 'the disk dies' };
    expect(words(renderDetails(operation({ verdict, confirmed }), null))).toMatch(
      /\*Confirmed\* .*by <@U0REQ>.*the disk dies/,
    );
  });

  it.each(NASTY.map((text) => [text.slice(0, 24), text] as const))('of the greatest size with %j…', (_shown, text) => {
    const steps = Array.from({ length: 60 }, () =>
      plannedStep({
        title: text,
        host: text,
        step: text,
        params: { a: text, b: text },
        secrets: [text, text],
        destroys: text,
      }),
    );
    const its = plan({ steps, cleanup: steps, effects: Array.from({ length: 40 }, () => text) });
    const other = plan({ steps: [], effects: [text.slice(1)] });
    const verdict = { kind: 'votes', quorum: 9, typedName: false, why: text } as const;
    const view = renderDetails(
      operation({ plan: its, line: text, site: text, environment: text, verdict }),
      operation({ plan: other }),
    );
    taken(view);
    expect(foreignTokens({ text: 'x', blocks: known(view).filter((one) => one.type === 'section') })).toEqual([]);
    expect(words(view)).toContain('There is more than fits here');
  });

  it('open at once with nothing in them yet', () => {
    taken(detailsLoading());
  });
});
