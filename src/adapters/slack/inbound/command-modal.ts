import type { KnownBlock, ModalView, PlainTextOption } from '@slack/types';
import { z } from 'zod';
import type { Command, Field, RawArguments } from '../../../../commands/contract/command.ts';
import { usageOf } from '../../../../commands/contract/command.ts';
import { NONE } from '../../../../commands/contract/edit-form.ts';
import { keyOf } from '../../../estate/thing.ts';
import type { Estate } from '../../../estate/types.ts';
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
  /** Options without a place in the form that were typed with the command: when it is to start. */
  typed: z.record(z.string(), z.string()).default({}),
  /** What the fields of an edit began with, so that what nobody touched is not changed. */
  shown: z.record(z.string(), z.string()).optional(),
});

const submitted = z.record(
  z.string(),
  z.record(
    z.string(),
    z.looseObject({ value: z.string().nullish(), selected_option: z.object({ value: z.string() }).nullish() }),
  ),
);

/** What a form is made from. */
type Shown = Pick<Desk, 'estate' | 'commands' | 'config'>;

/** A select takes no more options; beyond that the name has to be typed. */
const MOST_OPTIONS = 100;
/** Slack keeps no more characters with a form. */
const MOST_MEMORY = 3_000;

async function choices(desk: Shown, person: Person, command: Command, field: Field): Promise<PlainTextOption[]> {
  const option = (value: string): PlainTextOption => ({
    text: { type: 'plain_text', text: clipped(value, 75) },
    value,
  });
  const fits = (names: readonly string[]) =>
    names.length > 0 && names.length <= MOST_OPTIONS ? names.map(option) : [];
  const estate = await desk.estate();
  if (field.options !== undefined) {
    const seen = field.of === 'host' ? keysSeen(person, estate) : null;
    const open = field.options.filter((one) => seen === null || seen.includes(keyOf('host', one)));
    // What is there now can be left as it is, also by somebody who may not look at it.
    const all = [...new Set([...open, ...(field.initial === undefined ? [] : [field.initial])])];
    const none = { text: { type: 'plain_text' as const, text: '(none)' }, value: NONE };
    return all.length > MOST_OPTIONS - 1 ? [] : [...(field.required ? [] : [none]), ...all.map(option)];
  }
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

async function input(desk: Shown, person: Person, command: Command, field: Field): Promise<KnownBlock> {
  const given = field.initial;
  const options = await choices(desk, person, command, field);
  const chosen = options.find((option) => option.value === (given ?? NONE));
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

/** A line has at most 2,000 characters, so that this fits. */
function withoutPlace(command: Command, args: RawArguments): RawArguments {
  return Object.fromEntries(Object.entries(args).filter(([key]) => !command.fields.some((field) => field.key === key)));
}

/** The fields of a form and what travels through it: a field for each thing that can be changed, where the command has that. */
async function contentOf(
  desk: Shown,
  command: Command,
  args: RawArguments,
  channel: string,
): Promise<{ readonly fields: readonly Field[]; readonly memory: string }> {
  const fields = command.form?.fields(args, await desk.estate()) ?? null;
  if (fields !== null) {
    const shown = Object.fromEntries(
      fields.flatMap(({ key, initial }) => (initial === undefined ? [] : [[key, initial]])),
    );
    const memory = JSON.stringify({ command: command.name, channel, typed: args, shown });
    if (memory.length <= MOST_MEMORY) return { fields, memory };
  }
  const typed = withoutPlace(command, args);
  return {
    fields: command.fields.map((field) => {
      const given = args[field.key];
      return given === undefined ? field : { ...field, initial: given };
    }),
    memory: JSON.stringify({ command: command.name, channel, typed }),
  };
}

/** A form for the arguments of a command, with what was typed already filled in; sites are those where this person may use it. */
export async function commandModal(
  desk: Shown,
  person: Person,
  command: Command,
  args: RawArguments,
  channel: string,
): Promise<ModalView> {
  const { fields, memory } = await contentOf(desk, command, args, channel);
  return {
    type: 'modal',
    callback_id: COMMAND_MODAL,
    private_metadata: memory,
    title: { type: 'plain_text', text: clipped(command.name, 24) },
    submit: { type: 'plain_text', text: command.kind === 'question' ? 'Show' : 'Ask for it' },
    close: { type: 'plain_text', text: 'Close' },
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `${escaped(command.summary)}\n${code(`${desk.config.slack.command} ${usageOf(command)}`)}`,
        },
      },
      ...(await Promise.all(fields.map((field) => input(desk, person, command, field)))),
    ],
  };
}

/** What a form that somebody sent stands for. */
export interface Submitted {
  readonly args: RawArguments;
  /** What is wrong, by field; empty when nothing is. */
  readonly errors: Readonly<Record<string, string>>;
}

/**
 * Reads a form that somebody sent. `estate` is null when it could not be had in time: what needs it is judged by the
 * plan then.
 */
export function readSubmission(
  command: Command,
  { typed, shown }: Pick<z.output<typeof modalMemory>, 'typed' | 'shown'>,
  state: unknown,
  estate: Estate | null,
): Submitted {
  const { blocks, filled } = submittedArguments(state);
  const ofForm = command.form !== undefined && shown !== undefined;
  const problems = ofForm ? command.form.problems(typed, shown, filled, estate) : {};
  const args = ofForm ? command.form.read(typed, shown, filled) : { ...typed, ...filled };
  const checked = command.kind === 'operation' ? command.parse(args) : null;
  const whole = checked && !checked.ok ? { [command.fields[0]?.key ?? 'site']: checked.error.message } : {};
  const found = Object.entries(Object.keys(problems).length > 0 ? problems : whole);
  // Slack takes an error only at a field that the form has.
  const at = (key: string) => [key, 'changes', ...blocks].find((one) => blocks.includes(one)) ?? key;
  return { args, errors: Object.fromEntries(found.map(([key, message]) => [at(key), message])) };
}

/** The fields that a form has, and the arguments that somebody filled in; empty ones are left out. */
function submittedArguments(state: unknown): { readonly blocks: readonly string[]; readonly filled: RawArguments } {
  const values = submitted.safeParse(state);
  if (!values.success) return { blocks: [], filled: {} };
  const entries = Object.entries(values.data).flatMap(([block, elements]): [string, string][] => {
    const element = elements.value;
    const value = element?.selected_option?.value ?? element?.value ?? '';
    return value.trim() === '' ? [] : [[block, value.trim()]];
  });
  return { blocks: Object.keys(values.data), filled: Object.fromEntries(entries) };
}
