import { describe, expect, it } from 'vitest';
import { renderCard } from '../../../../../src/adapters/slack/render/card.ts';
import { cardBlockId, generationShown } from '../../../../../src/adapters/slack/render/card-block.ts';
import { operation, view } from '../../../../support/builders.ts';

const ID = operation().id;

describe('the id of a card’s buttons', () => {
  it('says which generation of the plan the card showed, and is another one in each version of the message', () => {
    const [first, second] = [1, 2].map((revision) => cardBlockId(operation({ generation: 3, revision })));
    expect(first).not.toBe(second);
    for (const id of [first, second]) expect(generationShown(id, ID)).toBe(3);
    const most = cardBlockId(operation({ generation: 999_999_999, revision: Number.MAX_SAFE_INTEGER }));
    expect(generationShown(most, ID)).toBe(999_999_999);
    expect(most.length).toBeLessThanOrEqual(255);
  });

  it('stands on the card', () => {
    const blocks = renderCard(view({ generation: 2, revision: 7 })).blocks;
    expect(blocks.filter((block) => block.type === 'actions').map((block) => block.block_id)).toEqual([
      cardBlockId(operation({ generation: 2, revision: 7 })),
    ]);
  });

  it.each([
    ['a card that was drawn before its block said so', `act:${ID}:2`],
    ['a block without an id of its own', undefined],
    ['another operation', cardBlockId(operation({ id: '00000000' }))],
    ['no generation', `card:${ID}:0:1`],
    ['a broken number', `card:${ID}:1.5:1`],
    ['more than it says', `card:${ID}:1:1:1`],
  ])('is unknown on %s', (_of, block) => {
    expect(generationShown(block, ID)).toBeNull();
  });
});
