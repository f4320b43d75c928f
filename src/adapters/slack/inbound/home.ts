import type { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { type Part, text } from '../../../../commands/contract/answer.ts';
import { historyRow, workInWords } from '../../../../commands/contract/words.ts';
import { keysSeen } from '../../../operations/targets.ts';
import { stateWords } from '../../../operations/waiting.ts';
import { renderAnswer, renderRefusal } from '../render/answer.ts';
import { admit } from './access.ts';
import type { Desk } from './desk.ts';
import { renderTrouble } from './run-command.ts';

/** The app's Home tab: the sites, what waits or runs, and what came last. Drawn anew each time it is opened. */
export function listenToHome(app: App, desk: Desk, control: WebClient): void {
  app.event('app_home_opened', async ({ event }) => {
    if (event.tab !== 'home') return;
    const { blocks } = await draw(desk, event.user).catch((error: unknown) => renderTrouble(desk, error));
    await control.views.publish({ user_id: event.user, view: { type: 'home', blocks } });
  });
}

async function draw(desk: Desk, user: string) {
  const admitted = await admit(desk, user);
  if (!admitted.ok) return renderRefusal(admitted.error, desk.config.slack.command);
  const estate = await desk.estate();
  const seen = keysSeen(admitted.value, estate);
  const sees = (name: string) => seen === null || seen.includes(name);
  const [allActive, last] = await Promise.all([
    desk.book.active(null),
    desk.book.history({ site: null, sites: seen, limit: 10 }),
  ]);
  const active = allActive.filter((one) => sees(one.site));
  const shownSites = [...estate.sites.values()].filter((site) => sees(site.name));
  const sites = shownSites.map((site) => [site.name, site.environment, site.version, site.host]);
  const open = active.map((one) => [one.id, workInWords(one), stateWords(one)]);
  const parts: Part[] = [
    { kind: 'heading', text: 'Now' },
    open.length > 0
      ? { kind: 'table', head: ['Operation', 'What', 'State'], rows: open }
      : text('Nothing waits and nothing runs.'),
    { kind: 'heading', text: 'Sites' },
    sites.length > 0
      ? { kind: 'table', head: ['Site', 'Environment', 'Version', 'Host'], rows: sites }
      : text('There is no site yet.'),
    { kind: 'heading', text: 'Last' },
    last.length > 0
      ? { kind: 'table', head: ['Operation', 'Asked', 'What', 'State', 'Took'], rows: last.map(historyRow) }
      : text('Nothing has been run yet.'),
  ];
  return renderAnswer({ summary: 'Twokey', parts });
}
