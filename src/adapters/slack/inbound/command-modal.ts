import type { KnownBlock, ModalView, PlainTextOption } from '@slack/types';
import { z } from 'zod';
import type { Command, Field, RawArguments } from '../../../../commands/contract/command.ts';
import { isDryRun, usageOf } from '../../../../commands/contract/command.ts';
import { keyOf } from '../../../estate/thing.ts';
import { authorise } from '../../../operations/authorise.ts';
import { keysSeen } from '../../../operations/targets.ts';
import type { Person } from '../identity.ts';
import { clipped, code, escaped } from '../render/mrkdwn.ts';
import type { Desk } from './desk.ts';

export const COMMAND_MODAL = 'command';

/** What travels through the modal: which command, and where the answer belongs. */
export const modalMemory = z.object({
  command: z.string(),
  channel: z.string(),
  /** Options without a place in the form that were typed with the command: when it is to start, and whether at all. */
  typed: z.record(z.string(), z.string()).default({}),
});

const submitted = z.record(
  z.string(),
  z.record(
    z.string(),
    z.looseObject({ value: z.string().nullish(), selected_option: z.object({ value: z.string() }).nullish() }),
  ),
);

async function choices(desk: Desk, person: Person, command: Command, field: Field): Promise<PlainTextOption[]> {
  const option = (value: string): PlainTextOption => ({
    text: { type: 'plain_text', text: clipped(value, 75) },
    value,
  });
  // A select takes at most 100 options; beyond that the name has to be typed.
  const fits = (names: readonly string[]) => (names.length > 0 && names.length <= 100 ? names.map(option) : []);
  const estate = await desk.estate();
  if (field.of === 'site') {
    const sites = [...estate.sites.values()];
    const allowed = sites.filter((site) => authorise(person, command, { kind: 'site', site, hosts: null }) === null);
    return fits(allowed.map((site) => site.name));
  }
  const seen = keysSeen(person, estate);
  const shown = (kind: 'cluster' | 'host', names: Iterable<string>) =>
    fits([...names].filter((one) => seen === null || seen.includes(keyOf(kind, one))));
  if (field.of === 'cluster') return shown('cluster', estate.clusters.keys());
  if (field.of === 'host') return shown('host', estate.hosts.keys());
  if (field.of === 'command') return fits(desk.commands.map((command) => command.name));
  return [];
}

async function input(
  desk: Desk,
  person: Person,
  command: Command,
  field: Field,
  given: string | undefined,
): Promise<KnownBlock> {
  const options = await choices(desk, person, command, field);
  const chosen = options.find((option) => option.value === given);
  const label = {
    type: 'plain_text',
    text: clipped(field.label.charAt(0).toUpperCase() + field.label.slice(1), 75),
  } as const;
  return {
    type: 'input',
    block_id: field.key,
    optional: !field.required,
    label,
    ...(field.hint === undefined ? {} : { hint: { type: 'plain_text', text: clipped(field.hint, 150) } as const }),
    element:
      options.length > 0
        ? { type: 'static_select', action_id: 'value', options, ...(chosen ? { initial_option: chosen } : {}) }
        : { type: 'plain_text_input', action_id: 'value', ...(given === undefined ? {} : { initial_value: given }) },
  };
}

/** Slack keeps at most 3,000 characters with a form; a line has at most 2,000. */
function withoutPlace(command: Command, args: RawArguments): RawArguments {
  return Object.fromEntries(Object.entries(args).filter(([key]) => !command.fields.some((field) => field.key === key)));
}

/** A form for the arguments of a command, with what was typed already filled in; sites are those where this person may use it. */
export async function commandModal(
  desk: Desk,
  person: Person,
  command: Command,
  args: RawArguments,
  channel: string,
): Promise<ModalView> {
  return {
    type: 'modal',
    callback_id: COMMAND_MODAL,
    private_metadata: JSON.stringify({ command: command.name, channel, typed: withoutPlace(command, args) }),
    title: { type: 'plain_text', text: clipped(command.name, 24) },
    submit: {
      type: 'plain_text',
      text: command.kind === 'question' || isDryRun(command, args) ? 'Show' : 'Ask for it',
    },
    close: { type: 'plain_text', text: 'Close' },
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `${escaped(command.summary)}\n${code(`${desk.config.slack.command} ${usageOf(command)}`)}`,
        },
      },
      ...(await Promise.all(
        command.fields.map((field) => input(desk, person, command, field, args[field.key] ?? field.initial)),
      )),
    ],
  };
}

/** The arguments that somebody filled in; empty fields are left out. */
export function submittedArguments(state: unknown): RawArguments {
  const values = submitted.safeParse(state);
  if (!values.success) return {};
  const entries = Object.entries(values.data).flatMap(([block, elements]): [string, string][] => {
    const element = elements.value;
    const value = element?.selected_option?.value ?? element?.value ?? '';
    return value.trim() === '' ? [] : [[block, value.trim()]];
  });
  return Object.fromEntries(entries);
}
