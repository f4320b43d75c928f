import type { KnownBlock, ModalView, PlainTextOption } from '@slack/types';
import { z } from 'zod';
import type { Command, RawArguments } from '../../../../commands/contract/command.ts';
import { isDryRun, usageOf } from '../../../../commands/contract/command.ts';
import { NONE } from '../../../../commands/contract/edit-form.ts';
import type { Field, Upload } from '../../../../commands/contract/field.ts';
import { keyOf } from '../../../estate/thing.ts';
import type { Estate } from '../../../estate/types.ts';
import { authorise } from '../../../operations/authorise.ts';
import { productsOf } from '../../../operations/releases/add.ts';
import { slackSource } from '../../../operations/releases/source.ts';
import { keysSeen } from '../../../operations/targets.ts';
import type { Person } from '../identity.ts';
import { clipped, code, escaped } from '../render/mrkdwn.ts';
import type { Desk } from './desk.ts';

export const COMMAND_MODAL = 'command';
/** The block of the file that a form takes; no field has that key. */
const UPLOAD = 'uploaded-file';

/** What travels through the modal: which command, and where the answer belongs. */
export const modalMemory = z.object({
  command: z.string(),
  channel: z.string(),
  /** Options without a place in the form that were typed with the command: when it is to start, and whether at all. */
  typed: z.record(z.string(), z.string()).default({}),
  /** What the fields of an edit began with, so that what nobody touched is not changed. */
  shown: z.record(z.string(), z.string()).optional(),
});

const submitted = z.record(
  z.string(),
  z.record(
    z.string(),
    z.looseObject({
      value: z.string().nullish(),
      selected_option: z.object({ value: z.string() }).nullish(),
      // Slack sends whole file objects. Only the id is taken from here: all else is asked for when it is fetched.
      files: z.array(z.looseObject({ id: z.string() })).nullish(),
    }),
  ),
);

/** What a form is made from. */
type Shown = Pick<Desk, 'estate' | 'commands' | 'config' | 'profiles'>;

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
  if (field.of === 'product') return fits(productsOf(desk.profiles));
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
    optional: !field.required || uploadOf(command)?.insteadOf === field.key,
    label,
    ...(field.hint === undefined ? {} : { hint: { type: 'plain_text', text: clipped(field.hint, 150) } as const }),
    element:
      options.length > 0
        ? { type: 'static_select', action_id: 'value', options, ...(chosen ? { initial_option: chosen } : {}) }
        : { type: 'plain_text_input', action_id: 'value', ...(given === undefined ? {} : { initial_value: given }) },
  };
}

function uploadOf(command: Command): Upload | undefined {
  return command.kind === 'question' ? command.upload : undefined;
}

/**
 * The field for a file. Slack's `filetypes` is left out: it is a convenience by file extension, and what a file is shows
 * when it is read. Needs the scope files:read: https://docs.slack.dev/reference/block-kit/block-elements/file-input-element
 */
function uploadBlock(command: Command): readonly KnownBlock[] {
  const upload = uploadOf(command);
  if (upload === undefined) return [];
  return [
    {
      type: 'input',
      block_id: UPLOAD,
      optional: true,
      label: { type: 'plain_text', text: clipped(upload.label, 75) },
      hint: { type: 'plain_text', text: clipped(upload.hint, 200) },
      element: { type: 'file_input', action_id: 'value', max_files: 1 },
    },
  ];
}

/** A line has at most 2,000 characters, so that this fits. */
function withoutPlace(command: Command, args: RawArguments): RawArguments {
  return Object.fromEntries(Object.entries(args).filter(([key]) => !command.fields.some((field) => field.key === key)));
}

function submitWords(command: Command, args: RawArguments): string {
  if (command.kind === 'question') return command.risk === 'read' ? 'Show' : 'Do it';
  return isDryRun(command, args) ? 'Show' : 'Ask for it';
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
    submit: {
      type: 'plain_text',
      text: submitWords(command, args),
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
      ...uploadBlock(command),
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
  const { blocks, filled, errors } = submittedArguments(command, state);
  if (errors !== null) return { args: { ...typed, ...filled }, errors };
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

/** What stands in a form, by its blocks. */
interface Filled {
  readonly blocks: readonly string[];
  /** Empty fields are left out, and a file stands where its field would. */
  readonly filled: RawArguments;
  /** What is wrong by block: neither a file nor what it may take the place of, or both. Null when nothing is. */
  readonly errors: Readonly<Record<string, string>> | null;
}

function submittedArguments(command: Command, state: unknown): Filled {
  const read = submitted.safeParse(state);
  const values = read.success ? read.data : {};
  const blocks = Object.keys(values);
  const filled = Object.fromEntries(
    Object.entries(values).flatMap(([block, elements]): [string, string][] => {
      const element = elements.value;
      const value = element?.selected_option?.value ?? element?.value ?? '';
      return value.trim() === '' ? [] : [[block, value.trim()]];
    }),
  );
  const upload = uploadOf(command);
  if (upload === undefined) return { blocks, filled, errors: null };
  const { insteadOf } = upload;
  const file = values[UPLOAD]?.value?.files?.[0];
  const wrong = (block: string, why: string): Filled => ({ blocks, filled, errors: { [block]: why } });
  if (file === undefined)
    return insteadOf in filled
      ? { blocks, filled, errors: null }
      : wrong(UPLOAD, 'Choose a file, or say where it lies.');
  return insteadOf in filled
    ? wrong(insteadOf, 'Leave this empty, or choose no file: it is one of the two.')
    : { blocks, filled: { ...filled, [insteadOf]: slackSource(file.id) }, errors: null };
}
