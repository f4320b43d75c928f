import type { Human, Place } from '../../src/workspace/human.ts';
import type { UiMessage, UiView } from '../../src/workspace/protocol.ts';
import { type Lab, shown } from './lab.ts';
import { until } from './until.ts';

/** What this person alone sees in the channel, oldest first. */
export function answersTo(who: Human, channel = 'operations'): UiMessage[] {
  return who.sees(channel).filter((message) => message.ephemeral);
}

/** Words on the way to an answer, for those who wait. */
const ON_THE_WAY = /You are told when it is done\.$/;

/** Types a command and waits for the answer to it. */
export function ask(who: Human, line: string): Promise<UiMessage> {
  return answered(who, line, () => who.slash(line));
}

/** Types a command that becomes an operation, and answers the operation's id. */
export async function recorded(who: Human, line: string): Promise<string> {
  const answer = await ask(who, line);
  const id = /Operation ([0-9a-z]{8}) is recorded/.exec(answer.text)?.[1];
  if (id === undefined) throw new Error(`${line}: ${said(answer)}`);
  return id;
}

/** Types a command that becomes an operation, waits until that has succeeded, and answers its id. */
export async function succeeded(lab: Lab, who: Human, line: string): Promise<string> {
  const id = await recorded(who, line);
  const state = await untilRow(lab, id, 'succeeded', 'failed', 'lost');
  if (state !== 'succeeded') throw new Error(`${line}: operation ${id} ended as ${state}`);
  return id;
}

/** Types a command that opens a form, fills it in, and waits for the answer. */
export async function fill(who: Human, line: string, values: Parameters<Human['submit']>[1]): Promise<UiMessage> {
  const typed = await who.slash(line);
  if (!typed.ok) throw new Error(`Slack said to ${who.id}: ${typed.error}`);
  const form = await who.waitFor((person) => person.view(), { what: `the form of ${line}` });
  return answered(who, line, async () => {
    const sent = await who.submit(form, values);
    return sent.ok ? { ok: true } : { ok: false, error: JSON.stringify(sent) };
  });
}

/** Presses a button and waits for the answer to it. */
export function press(who: Human, label: string, place: Place): Promise<UiMessage> {
  return answered(who, `a click on ${label}`, () => who.click(label, { in: place }));
}

/** Presses Deny, gives a reason in the form, and waits for the answer. */
export function deny(who: Human, place: Place, reason: string): Promise<UiMessage> {
  return answered(who, 'a denial', async () => {
    const clicked = await who.click('Deny', { in: place });
    if (!clicked.ok) return clicked;
    const form = await who.waitFor((person) => person.view(), { what: 'the form that asks for a reason' });
    const sent = await who.submit(form, { Reason: reason });
    return sent.ok ? { ok: true } : { ok: false, error: JSON.stringify(sent) };
  });
}

/** Presses Confirm where the site's name has to be typed, and waits for the form that comes once the operation was read. */
export async function confirmForm(who: Human, place: Place): Promise<UiView> {
  const clicked = await who.click('Confirm', { in: place });
  if (!clicked.ok) throw new Error(`Slack said to ${who.id}: ${clicked.error}`);
  return who.waitFor(
    (person) => {
      const view = person.view();
      return view?.submit === 'Confirm' ? view : null;
    },
    { what: 'the form that asks for the name', timeoutMs: 10_000 },
  );
}

/** Fills that form in and waits for the answer. */
export async function confirmTyped(
  who: Human,
  place: Place,
  values: Readonly<Record<string, string>>,
): Promise<UiMessage> {
  const form = await confirmForm(who, place);
  return answered(who, 'a confirmation', async () => {
    const sent = await who.submit(form, values);
    return sent.ok ? { ok: true } : { ok: false, error: JSON.stringify(sent) };
  });
}

/** All that a person reads of a message: its text for notifications and its blocks. */
export function said(message: UiMessage): string {
  return `${message.text}\n${shown(message)}`;
}

async function answered(
  who: Human,
  what: string,
  act: () => Promise<{ readonly ok: boolean; readonly error?: string }>,
): Promise<UiMessage> {
  const before = new Set(answersTo(who).map((message) => message.ts));
  const done = await act();
  if (!done.ok) throw new Error(`Slack said to ${who.id}: ${done.error}`);
  return until(
    `an answer for ${who.id} to ${what.slice(0, 80)}`,
    () => answersTo(who).find((message) => !before.has(message.ts) && !ON_THE_WAY.test(message.text)),
    15_000,
  );
}

/** Waits until the card of an operation says something; answers all that it says. */
export async function cardSays(lab: Lab, operation: string, what: RegExp): Promise<string> {
  return until(
    `the card of ${operation} says ${what}`,
    async () => {
      const text = shown(await lab.card(operation));
      return what.test(text) ? text : null;
    },
    20_000,
  );
}

/** Waits until the row of an operation has one of these states, which the card shows a moment later. Answers the state; with its reason where that is bad. */
export function untilRow(lab: Lab, operation: string, ...states: readonly string[]): Promise<string> {
  return until(
    `the row of ${operation} is ${states.join(' or ')}`,
    async () => {
      const [row] = await lab.rows<{ state: string; reason: string | null }>(
        'select state, reason from twokey.operation where id = $1',
        [operation],
      );
      if (!row || !states.includes(row.state)) return null;
      return row.state === 'failed' || row.state === 'lost' ? `${row.state}: ${row.reason}` : row.state;
    },
    30_000,
  );
}
