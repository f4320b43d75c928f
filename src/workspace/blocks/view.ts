import { z } from 'zod';
import { explained } from '../errors.ts';
import { blockSchema } from '../model.ts';
import type { Block } from '../protocol.ts';
import { checkBlocks, isRecord, wording } from './check.ts';
import { plain } from './text.ts';

const common = {
  blocks: z.array(blockSchema),
  private_metadata: z.string().max(3000).optional(),
  callback_id: z.string().max(255).optional(),
  external_id: z.string().max(255).optional(),
};
const modal = z.strictObject({
  type: z.literal('modal'),
  ...common,
  title: plain(24),
  submit: plain(24).optional(),
  close: plain(24).optional(),
  clear_on_close: z.boolean().optional(),
  notify_on_close: z.boolean().optional(),
  submit_disabled: z.boolean().optional(),
});
const home = z.strictObject({ type: z.literal('home'), ...common });
const view = z.discriminatedUnion('type', [modal, home]);

/** A view as an app describes it, checked. */
export interface ViewSpec {
  readonly type: 'modal' | 'home';
  readonly title: string;
  readonly submit: string | null;
  readonly close: string;
  readonly callbackId: string;
  readonly privateMetadata: string;
  readonly externalId: string;
  readonly notifyOnClose: boolean;
  readonly clearOnClose: boolean;
  readonly blocks: readonly Block[];
}

const MAX_VIEW_BYTES = 250_000;

/**
 * Checks a view against Slack's limits, and against the scopes of the app that shows it, where they are given.
 * Throws the Web API's `invalid_arguments` or `view_too_large`.
 */
export function parseView(value: unknown, type: 'modal' | 'home', scopes?: ReadonlySet<string>): ViewSpec {
  if (Buffer.byteLength(JSON.stringify(value) ?? '') > MAX_VIEW_BYTES) throw explained('view_too_large', []);
  const parsed = view.safeParse(value);
  if (!parsed.success) {
    throw explained(
      'invalid_arguments',
      parsed.error.issues.map(
        (issue) =>
          `[ERROR] ${wording(issue)} [json-pointer:/view${issue.path.map((part) => `/${String(part)}`).join('')}]`,
      ),
    );
  }
  const spec = parsed.data;
  const problems = checkBlocks(spec.blocks, spec.type, '/view/blocks');
  if (spec.type !== type) problems.push(`[ERROR] must be a view of type ${type} [json-pointer:/view/type]`);
  if (spec.type === 'modal' && spec.submit === undefined && spec.blocks.some((block) => block.type === 'input')) {
    problems.push('[ERROR] missing required field: submit, the view has input blocks [json-pointer:/view]');
  }
  const asksForFiles = spec.blocks.some((block) => isRecord(block.element) && block.element.type === 'file_input');
  if (asksForFiles && scopes?.has('files:read') === false)
    problems.push('[ERROR] file_input needs the scope files:read [json-pointer:/view/blocks]');
  if (problems.length > 0) throw explained('invalid_arguments', problems);
  return {
    type: spec.type,
    title: spec.type === 'modal' ? spec.title.text : '',
    submit: spec.type === 'modal' ? (spec.submit?.text ?? null) : null,
    close: spec.type === 'modal' ? (spec.close?.text ?? 'Close') : '',
    callbackId: spec.callback_id ?? '',
    privateMetadata: spec.private_metadata ?? '',
    externalId: spec.external_id ?? '',
    notifyOnClose: spec.type === 'modal' && spec.notify_on_close === true,
    clearOnClose: spec.type === 'modal' && spec.clear_on_close === true,
    blocks: spec.blocks,
  };
}
