import type { OperationRecord } from '../../../operations/records.ts';

/**
 * The id of the block that holds a card's buttons. Slack sends it back with each click, so it says which version of the
 * plan the pressed card showed, also when that card has not been drawn again since. Slack takes at most 255 characters,
 * and wants another id in each version of a message (docs.slack.dev/reference/block-kit/blocks/actions-block).
 */
export function cardBlockId({ id, generation, revision }: OperationRecord): string {
  return `card:${id}:${generation}:${revision}`;
}

const CARD_BLOCK = /^card:([0-9a-z]{8}):([1-9][0-9]{0,8}):[0-9]+$/;

/**
 * Which generation of its plan the card of this operation showed whose button was pressed. Null when the block does not
 * say: cards that were drawn before blocks said it. They are drawn again, as every card of what has not ended is, within
 * about two minutes.
 */
export function generationShown(blockId: string | undefined, operation: string): number | null {
  const [, id, generation] = CARD_BLOCK.exec(blockId ?? '') ?? [];
  return id === operation ? Number(generation) : null;
}
