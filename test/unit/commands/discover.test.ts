import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseLine } from '../../../commands/contract/line.ts';
import { clockOffset, command as preflight } from '../../../commands/host-preflight.ts';
import { command as siteAdd } from '../../../commands/site-add.ts';
import { command as diff } from '../../../commands/site-diff.ts';
import { command as discover } from '../../../commands/site-discover.ts';
import { renderAnswer } from '../../../src/adapters/slack/render/answer.ts';
import { PROFILES } from '../../../src/estate/introspection/candidate.ts';
import type { HostFact } from '../../../src/estate/introspection/facts.ts';
import { LOOK } from '../../../src/estate/introspection/look.ts';
import { loadProfiles } from '../../../src/estate/profile-load.ts';
import { estateDocument } from '../../../src/estate/types.ts';
import { type FrameSpec, printedFrames } from '../../support/frames.ts';
import { questionContext } from '../../support/question-context.ts';
import { expectSlackTakes, foreignTokens, NASTY } from '../../support/slack-limits.ts';

const compose = (name: string): FrameSpec => [
  'compose-file',
  `/opt/${name}/docker-compose.yml`,
  `services:\n  app:\n    image: shop\n    environment:\n      PGHOST: db1\n      PGDATABASE: shop\n      PGUSER: shop`,
];
/** A context whose host prints these frames, and what was noted of it. */
function world(...frames: FrameSpec[]) {
  const prints = new TextDecoder().decode(printedFrames(['account', '-', 'ops'], ...frames));
  const noted: HostFact[] = [];
  const context = {
    ...questionContext({ run: LOOK.slice(0, 200), prints }),
    hostFacts: {
      note: (_host: string, facts: readonly HostFact[]) => Promise.resolve(void noted.push(...facts)),
      of: () => Promise.resolve([]),
    },
  };
  return { context, noted };
}
const answerOf = async (asked: ReturnType<typeof discover.answer>) => {
  const answer = await asked;
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
};

describe('site discover', () => {
  it('offers what it found as a file that can be imported, and notes what it saw', async () => {
    const { context, noted } = world(compose('shop'), ['os', 'x', 'ID=debian\nPRETTY_NAME="Debian 12"']);
    const answer = await answerOf(discover.answer({ cluster: 'acme' }, context));
    expect(answer.summary).toBe('acme: 1 of 1 hosts told of 1 sites, 1 of them new; 1 findings, 0 critical.');
    const [cluster] = estateDocument.parse(parse(answer.file?.text ?? '')).clusters;
    expect(cluster?.sites).toMatchObject([
      { name: 'shop', host: 'acme-app', environment: 'production', site_dir: '/opt/shop', database: { host: 'db1' } },
    ]);
    expect(cluster?.hosts.map((host) => host.name)).toEqual(['acme-app']);
    expect(noted).toContainEqual({ subject: '', name: 'os', value: 'Debian 12' });
  });

  it('offers each as a line that adds it, and a file that keeps what the cluster says of itself', async () => {
    const { context } = world(compose('shop'));
    const clusters = new Map([['acme', { name: 'acme', data_region: 'de' }]]);
    const answer = await answerOf(
      discover.answer({ cluster: 'acme' }, { ...context, estate: { ...context.estate, clusters } }),
    );
    const line = /\/ops (site add [^"\\]*)/.exec(JSON.stringify(answer.parts))?.[1] ?? '';
    const parsed = parseLine(line, [siteAdd], '/ops');
    if (!parsed.ok || parsed.value.kind !== 'command') throw new Error(`not a whole command: ${line}`);
    expect(siteAdd.parse(parsed.value.args)).toMatchObject({ ok: true, value: { site: 'shop', host: 'acme-app' } });
    expect(estateDocument.parse(parse(answer.file?.text ?? '')).clusters[0]?.data_region).toBe('de');
  });

  it.each([
    ['/opt/sh"op \'s', true],
    ['/opt/shop\u201c --profile evil \u201c', false],
    ['/opt/shop\u200b--profile\u200bevil', false],
  ])('P8 a folder named %j becomes no other argument of that line', async (folder, typed) => {
    const [kind, , text] = compose('shop');
    const { context } = world([kind, `${folder}/docker-compose.yml`, text ?? '']);
    const answer = await answerOf(discover.answer({ cluster: 'acme' }, context));
    expect(estateDocument.parse(parse(answer.file?.text ?? '')).clusters[0]?.sites).toMatchObject([
      { site_dir: folder },
    ]);
    const words = answer.parts.flatMap((part) => (part.kind === 'text' ? part.text : []));
    const line = words.flatMap((span) =>
      typeof span !== 'string' && 'code' in span && span.code.startsWith('/ops site add') ? [span.code] : [],
    )[0];
    expect(line !== undefined).toBe(typed);
    if (line === undefined) return expect(JSON.stringify(words)).toContain('cannot be typed');
    const parsed = parseLine(line.slice('/ops '.length), [siteAdd], '/ops');
    expect(parsed).toMatchObject({ ok: true, value: { args: { site_dir: folder } } });
  });

  it('names for each finder a profile that is shipped', () => {
    const shipped = loadProfiles('/nowhere');
    expect(Object.values(PROFILES).filter((profile) => !shipped.has(profile))).toEqual([]);
    expect(Object.keys(PROFILES)).toHaveLength(7);
  });

  it('P5 a host that does not answer is UNKNOWN, and no file can be imported', async () => {
    const answer = await answerOf(discover.answer({ cluster: 'acme' }, questionContext()));
    expect(answer.summary).toContain('0 of 1 hosts');
    expect(answer.file?.text).toContain('# UNKNOWN host_unreachable acme-app');
    expect(parse(answer.file?.text ?? '')).toBeNull();
  });

  it('P10 an unknown cluster is refused with the nearest name', async () => {
    expect(await discover.answer({ cluster: 'acne' }, questionContext())).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('Did you mean `acme`?') },
    });
  });

  it('fits into a message however much was found, and its file is still a right one', async () => {
    const nasty = NASTY.map((text) => text.replaceAll(/[\0\n]/g, ' '));
    const frames = nasty.flatMap((text, n): FrameSpec[] => [
      compose(`${n}${text}`),
      compose(`shop${n}`),
      [
        'vhost',
        `/etc/httpd/conf.d/${text}`,
        `<VirtualHost *:80>\nServerName ${text}\nDocumentRoot "/var/rails/${text}"`,
      ],
      ['vhost', `/etc/httpd/conf.d/${text}`, '', 'denied'],
      ['karl', `/home/${text}/production`, text, 'broken', ['build 7']],
    ]);
    const answer = await answerOf(discover.answer({ cluster: 'acme' }, world(...frames).context));
    const rendered = renderAnswer(answer);
    expectSlackTakes(rendered);
    expect(foreignTokens(rendered)).toEqual([]);
    expect(rendered.blocks.length).toBeGreaterThan(15);
    expect(estateDocument.parse(parse(answer.file?.text ?? '')).clusters[0]?.sites.length).toBeGreaterThan(8);
  });
});

describe('host preflight', () => {
  it('tells how far the clock is away only where it lies outside the time that passed', () => {
    const at = (seconds: number) => new Date(seconds * 1_000);
    expect(clockOffset(100, at(100.9), at(101.2))).toBe(0);
    expect(clockOffset(99, at(100.9), at(101.2))).toBe(-1);
    expect(clockOffset(107, at(100.9), at(101.2))).toBe(6);
    expect(clockOffset(null, at(1), at(2))).toBeNull();
  });

  it('shows the worst first, with where the wishes come from, and notes the facts', async () => {
    const { context, noted } = world(['uname', '-', 'Linux 2.6.32 x86_64'], ['cpus', '-', '8']);
    const answer = await answerOf(preflight.answer({ host: 'acme-app' }, context));
    expect(answer.summary).toBe('acme-app: 1 CRIT, 0 WARN, 8 UNKNOWN, 1 OK.');
    const table = answer.parts.find((part) => part.kind === 'table');
    expect(table?.rows[0]).toEqual(['CRIT', 'kernel', '2.6.32', '3.10 or newer']);
    expect(noted.map((fact) => fact.name)).toEqual(['kernel', 'machine', 'cpus']);
  });
});

describe('site diff', () => {
  it('P10 refuses a site twice, an unknown one, and a host of which nothing was ever seen', async () => {
    const asked = async (a: string, b: string) => {
      const answer = await diff.answer({ a, b }, questionContext());
      return answer.ok ? 'ok' : answer.error.message;
    };
    expect(await asked('acme', 'acme')).toBe('That is the same site twice.');
    expect(await asked('acme', 'acne')).toContain('Did you mean `acme`?');
  });
});
