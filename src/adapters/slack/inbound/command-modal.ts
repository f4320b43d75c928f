import type { KnownBlock, ModalView, PlainTextOption } from '@slack/types';
import { z } from 'zod';
import type { Command, RawArguments } from '../../../../commands/contract/command.ts';
import { isDryRun, usageOf } from '../../../../commands/contract/command.ts';
import type { Field, Upload } from '../../../../commands/contract/field.ts';
import { keyOf } from '../../../estate/thing.ts';
import { err, ok, type Result } from '../../../kernel/result.ts';
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
  if (field.of === 'product') return fits(productsOf(desk.profiles));
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

/** Slack keeps at most 3,000 characters with a form; a line has at most 2,000. */
function withoutPlace(command: Command, args: RawArguments): RawArguments {
  return Object.fromEntries(Object.entries(args).filter(([key]) => !command.fields.some((field) => field.key === key)));
}

function submitWords(command: Command, args: RawArguments): string {
  if (command.kind === 'question') return command.risk === 'read' ? 'Show' : 'Do it';
  return isDryRun(command, args) ? 'Show' : 'Ask for it';
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
      ...(await Promise.all(
        command.fields.map((field) => input(desk, person, command, field, args[field.key] ?? field.initial)),
      )),
    ],
  };
}

/**
 * The arguments that somebody filled in; empty fields are left out, and a file stands where its field would. Refused, by
 * the block that is wrong: neither a file nor what it may take the place of, or both.
 */
export function submittedArguments(
  command: Command,
  state: unknown,
): Result<RawArguments, Readonly<Record<string, string>>> {
  const read = submitted.safeParse(state);
  const blocks = read.success ? read.data : {};
  const args = Object.fromEntries(
    Object.entries(blocks).flatMap(([block, elements]): [string, string][] => {
      const element = elements.value;
      const value = element?.selected_option?.value ?? element?.value ?? '';
      return value.trim() === '' ? [] : [[block, value.trim()]];
    }),
  );
  const upload = uploadOf(command);
  if (upload === undefined) return ok(args);
  const { insteadOf } = upload;
  const file = blocks[UPLOAD]?.value?.files?.[0];
  if (file === undefined)
    return insteadOf in args ? ok(args) : err({ [UPLOAD]: 'Choose a file, or say where it lies.' });
  return insteadOf in args
    ? err({ [insteadOf]: 'Leave this empty, or choose no file: it is one of the two.' })
    : ok({ ...args, [insteadOf]: slackSource(file.id) });
}
