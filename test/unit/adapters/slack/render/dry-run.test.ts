import { describe, expect, it } from 'vitest';
import { renderDryRun } from '../../../../../src/adapters/slack/render/dry-run.ts';
import { targetOfSite } from '../../../../../src/estate/target.ts';
import { refusal } from '../../../../../src/kernel/errors.ts';
import { err } from '../../../../../src/kernel/result.ts';
import { hashPlan } from '../../../../../src/operations/plan.ts';
import { estate, hostInput, plan, plannedStep, policyOfAcme, siteInput, siteOf } from '../../../../support/builders.ts';
import { expectSlackTakes, foreignTokens, mrkdwnOf, NASTY } from '../../../../support/slack-limits.ts';

const its = estate([hostInput('db1')], [siteInput('acme', 'db1')]);
const target = targetOfSite(its, siteOf(its, 'acme'));

function rendered(change: Parameters<typeof plan>[0], words = 'It waits.', typed = '/ops backup acme') {
  const shown = plan(change);
  const considered = {
    plan: shown,
    planHash: hashPlan(shown),
    target: { ...target, name: words, environment: words },
    risk: 'disruptive',
    its: policyOfAcme(),
    estimateMs: null,
    approvers: [],
    assessed: err(refusal('internal', 'not looked at here')),
  } as const;
  const spans = [{ strong: words }, words, { code: words }];
  return renderDryRun(considered, { verdict: spans, approvers: spans, typed });
}

describe('a dry run as a message', () => {
  it('numbers the steps and marks those that destroy something', () => {
    const destroys = 'the database <app> on db1';
    const said = mrkdwnOf(rendered({ steps: [plannedStep(), plannedStep({ title: 'Drop', destroys })] })).join('\n');
    expect(said).toContain('1. Dump · `db.dump` on `db1`\n2. Drop · `db.dump` on `db1`\n');
    expect(said).toContain(':warning: *This step destroys* the database &lt;app&gt; on db1');
    expect(said).toContain('not known: it has never succeeded here');
  });

  it('repeats the line to send exactly, or not at all', () => {
    const exact = JSON.stringify(rendered({}, 'x', '/ops host edit acme note "`a` <b> & c"').blocks);
    expect(exact).toContain('/ops host edit acme note \\"`a` <b> & c\\"');
    const long = JSON.stringify(rendered({}, 'x', `/ops host edit acme note ${'x'.repeat(1_900)}`).blocks);
    expect(long).not.toContain('/ops host edit');
    expect(long).toContain('Send it without `--dry-run` to ask for it.');
  });

  it.each(NASTY.map((text) => [text.slice(0, 24), text] as const))('with %j… is taken by Slack', (_shown, text) => {
    const step = plannedStep({ title: text, host: text, step: text, destroys: text });
    const steps = Array.from({ length: 60 }, () => step);
    const message = rendered(
      { command: text, steps, cleanup: steps, effects: steps.map(() => text) },
      text,
      text.slice(0, 900),
    );
    expectSlackTakes(message);
    expect(foreignTokens(message)).toEqual([]);
    expect(mrkdwnOf(message).join('\n')).toContain('Nothing was recorded or changed. Send it without `--dry-run`');
  });
});
