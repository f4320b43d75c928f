import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { operation, timingOf } from '../../../../../commands/contract/command.ts';
import { parseLine } from '../../../../../commands/contract/line.ts';
import { loadCommands } from '../../../../../commands/index.ts';
import { tryOperation } from '../../../../../src/adapters/slack/inbound/dry-run.ts';
import { buildEstate } from '../../../../../src/estate/estate.ts';
import { estateDocument } from '../../../../../src/estate/types.ts';
import { type Refusal, refusal } from '../../../../../src/kernel/errors.ts';
import { err, ok } from '../../../../../src/kernel/result.ts';
import type { NewOperation } from '../../../../../src/operations/book.ts';
import { considerOperation, type RequestContext, requestOperation } from '../../../../../src/operations/request.ts';
import type { ReviewRecord } from '../../../../../src/operations/reviews.ts';
import { config, hostInput, plan, operation as recorded, siteInput, T0 } from '../../../../support/builders.ts';
import { questionContext } from '../../../../support/question-context.ts';
import { mrkdwnOf } from '../../../../support/slack-limits.ts';

/** Disruptive work on a site, of which there is none yet that needs no profile of its own. */
const rehearse = operation({
  name: 'rehearse',
  summary: 'Rehearse.',
  fields: [{ key: 'site', label: 'site', of: 'site', required: true }],
  risk: 'disruptive',
  args: z.strictObject({ site: z.string() }),
  plan: () => ok(plan({ command: 'rehearse' })),
});
const commands = [...(await loadCommands()), rehearse];
const DOCUMENT = estateDocument.parse({
  clusters: [
    {
      name: 'main',
      hosts: [hostInput('db1'), hostInput('db2')],
      sites: [siteInput('acme', 'db1'), siteInput('blue', 'db2', { environment: 'staging' })],
    },
  ],
});
const built = buildEstate(DOCUMENT);
if (!built.ok) throw new Error(built.error.message);
const its = built.value;
const healthy = 'tool=15.18\nsite_dir=yes\n';

interface Around {
  readonly prints?: string;
  readonly denied?: Refusal;
  readonly reviews?: readonly ReviewRecord[];
  readonly approvers?: readonly string[];
}

/** A desk at eleven o'clock on a working Monday in Berlin, before which nothing was ever asked. */
function around({ prints = healthy, denied, reviews = [], approvers = ['U0APA', 'U0APB'] }: Around = {}) {
  const fake = questionContext({ run: 'pg_dump', prints });
  const opened: NewOperation[] = [];
  const context: RequestContext = {
    ...fake,
    book: {
      ...fake.book,
      now: () => Promise.resolve(T0),
      estimate: () => Promise.resolve(95_000),
      open: (it) => {
        opened.push(it);
        return Promise.resolve(ok(recorded()));
      },
    },
    config,
    estate: () => Promise.resolve(its),
    estateBook: { ...fake.estateBook, document: () => Promise.resolve(DOCUMENT) },
    backups: { verified: () => Promise.resolve({ now: T0, askedAt: T0, verified: [] }) },
    secrets: { read: () => Promise.resolve(err(refusal('secret_missing', 'there is none'))) },
    freezes: () => Promise.resolve([]),
    approvers: () => Promise.resolve(approvers),
    reviewers: () => Promise.resolve(approvers),
  };
  const desk = {
    config,
    consider: (wanted: Parameters<typeof considerOperation>[1]) => considerOperation(context, wanted),
    identity: { active: () => Promise.resolve([...approvers]) },
    reviews: { ...fake.reviews, list: () => Promise.resolve(reviews), close: () => Promise.reject(new Error('never')) },
  };
  const read = (line: string) => {
    const parsed = parseLine(line, commands, '/ops');
    if (!parsed.ok || parsed.value.kind !== 'command' || parsed.value.command.kind !== 'operation')
      throw new Error(`no operation: ${line}`);
    const { command, args: raw } = parsed.value;
    const args = command.parse(raw);
    if (!args.ok) throw new Error(args.error.message);
    const authorise = () => Promise.resolve(denied ?? null);
    return {
      command,
      raw,
      wanted: { command, args: args.value, requester: 'U0REQ', authorise, timing: timingOf(command, raw) },
    };
  };
  return {
    opened,
    tried: async (line: string) => {
      const answer = await tryOperation(desk, read(line));
      if (!answer.ok) return `${answer.error.code}: ${answer.error.message}`;
      return [...mrkdwnOf(answer.value), JSON.stringify(answer.value.blocks.at(-1))].join('\n');
    },
    asked: (line: string) => requestOperation(context, { ...read(line).wanted, line, account: 'U0REQ', key: null }),
  };
}

describe('a dry run', () => {
  it('of work on a site shows its steps with their host, the verdict, how long it takes, and the line to send', async () => {
    const { tried, opened } = around();
    const said = await tried('backup acme --dry-run');
    expect(said).toContain('*Dry run of* backup on acme, production\nPlan `');
    expect(said).toContain('usual duration 1 min 35 s');
    expect(said).toMatch(/\*Verdict\* {2}\*It would start at once\.\* /);
    expect(said).toContain('*Who could approve*  Nobody has to approve.');
    expect(said).toMatch(/^1\. .* · `backup\.prepare` on `db1`$/m);
    expect(said).toMatch(/^\*Only after a failure or a cancellation\*\n• .* · `backup\.discard` on `db1`$/m);
    expect(said).toMatch(
      /Nothing was recorded or changed\. Send it without `--dry-run` to ask for it:\n.*"\/ops backup acme"/,
    );
    expect(opened).toEqual([]);
  });

  it.each(['backup acme', 'host edit db1 port 2222', 'site edit blue version 8.2.0', 'site remove blue'])(
    'of %j shows the plan that the same line then has recorded',
    async (line) => {
      const { tried, asked, opened } = around();
      const said = await tried(`${line} --dry-run`);
      expect(opened).toEqual([]);
      expect(await asked(line)).toMatchObject({ ok: true });
      expect(opened).toHaveLength(1);
      expect(said).toContain(`Plan \`${opened[0]?.planHash.slice(0, 12)}\``);
      for (const [at, step] of (opened[0]?.plan.steps ?? []).entries())
        expect(said).toContain(`${at + 1}. ${step.title} · `);
    },
  );

  it('of a change of the estate says what changes, and that Twokey does it itself', async () => {
    const said = await around().tried('host edit db1 port 2222 --dry-run');
    expect(said).toContain('host db1, production');
    expect(said).toMatch(/22 → 2222/);
    expect(said).toContain('`estate.put`, by Twokey itself, in one transaction of its database');
    expect(said).toContain('"/ops host edit db1 port 2222"');
  });

  it('of what is held says until when and who has to approve, also for a time that is named', async () => {
    const { tried } = around();
    const held = await tried('rehearse acme --dry-run');
    expect(held).toContain('*It would be held until* <!date^');
    expect(held).toContain('*Who could approve*  2 of <@U0APA>, <@U0APB>');
    const later = await tried('backup acme --dry-run --at 2026-03-02T20:00');
    expect(later).toMatch(/held until\* <!date\^\d+\^[^|]*\|2026-03-02 19:00 UTC>/);
    expect(later).toContain('if 2 approvals have been given');
    expect(later).toContain('"/ops backup acme --at 2026-03-02T20:00"');
    const now = await tried('rehearse acme --now "the disk <dies>" --dry-run');
    expect(now).toContain('*It would wait for 2 approvals, then start.*');
    expect(now).toContain('/ops rehearse acme --now \\"the disk <dies>\\"');
  });

  it('P10 of what would be refused shows the plan, and why with what to do instead', async () => {
    const { tried } = around();
    const hurry = await tried('backup acme --now hurry --dry-run');
    expect(hurry).toContain('*It would be refused.* `--now` gains nothing here: without it it starts at once.');
    expect(hurry).toContain('Send it without `--now`.');
    expect(hurry).not.toContain('Who could approve');
    expect(hurry).toContain('Once nothing stands against it, send it without');
    expect(hurry).toMatch(/^1\. /m);
    const short = await around({ approvers: ['U0APA'] }).tried('rehearse acme --dry-run');
    expect(short).toContain('*It would be refused.* This needs 2 approvals besides yours, but only <@U0APA> can');
    expect(short).not.toContain('Who could approve');
  });

  it('P10 of what has no plan, or touches what the asker may not, is refused as the request is', async () => {
    const missing = around({ prints: 'tool=\nsite_dir=yes\n' });
    const asked = await missing.asked('backup acme');
    if (asked.ok) throw new Error('a backup without a dump program was recorded');
    expect(await missing.tried('backup acme --dry-run')).toBe(`${asked.error.code}: ${asked.error.message}`);
    const denied = around({ denied: refusal('not_allowed', 'Not on that host.') });
    expect(await denied.tried('backup acme --dry-run')).toBe('not_allowed: Not on that host.');
  });

  it('of break-glass says that an open review of the asker bars it, but not one that would be superseded', async () => {
    const review: ReviewRecord = {
      operation: '7k3m9q2x',
      kind: 'break-glass',
      person: 'U0REQ',
      openedAt: T0,
      ended: true,
      closed: null,
      line: 'site remove blue',
      site: 'blue',
      environment: 'staging',
      why: 'Break-glass.',
      quorum: 2,
      state: 'succeeded',
    };
    const barred = async (change: Partial<ReviewRecord>) =>
      (await around({ reviews: [{ ...review, ...change }] }).tried('site remove blue --dry-run')).includes(
        'Break-glass is barred for you while a review of yours is open: 7k3m9q2x',
      );
    expect(await barred({})).toBe(true);
    expect(await barred({ state: 'awaiting', ended: false })).toBe(false);
    expect(await barred({ state: 'awaiting', ended: false, line: 'site remove acme' })).toBe(true);
    expect(await barred({ person: 'U0APA' })).toBe(false);
  });
});
