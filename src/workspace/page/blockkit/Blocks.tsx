import Markdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import type { Block } from '../../protocol.ts';
import { ActionElement } from '../fields/ActionElement.tsx';
import { InputBlock } from '../fields/InputBlock.tsx';
import { Mrkdwn, PlainText, TextObject } from './Mrkdwn.tsx';
import { RichText } from './RichText.tsx';
import { child, type Json, list, plain, str } from './read.ts';
import { TableBlock } from './TableBlock.tsx';

function Picture({ of, className }: { readonly of: Json; readonly className: string }) {
  return <img className={className} src={str(of, 'image_url')} alt={str(of, 'alt_text')} />;
}

function Section({ block }: { readonly block: Json }) {
  const fields = list(block, 'fields');
  const accessory = child(block, 'accessory');
  return (
    <div className="section">
      <div className="section-body">
        {child(block, 'text') && (
          <div className="text">
            <TextObject text={child(block, 'text')} />
          </div>
        )}
        {fields.length > 0 && (
          <div className="fields">
            {fields.map((field, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: fields have no identity besides their place
              <div key={index} className="text">
                <TextObject text={field} />
              </div>
            ))}
          </div>
        )}
      </div>
      {accessory && (
        <div className="section-accessory">
          {str(accessory, 'type') === 'image' ? (
            <Picture of={accessory} className="thumb" />
          ) : (
            <ActionElement element={accessory} blockId={str(block, 'block_id')} />
          )}
        </div>
      )}
    </div>
  );
}

function Context({ block }: { readonly block: Json }) {
  return (
    <div className="context">
      {list(block, 'elements').map((element, index) =>
        str(element, 'type') === 'image' ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: elements have no identity besides their place
          <Picture key={index} of={element} className="context-picture" />
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: elements have no identity besides their place
          <span key={index} className="text">
            <TextObject text={element} />
          </span>
        ),
      )}
    </div>
  );
}

function Actions({ block }: { readonly block: Json }) {
  return (
    <div className="actions">
      {list(block, 'elements').map((element, index) => (
        <ActionElement key={str(element, 'action_id') || index} element={element} blockId={str(block, 'block_id')} />
      ))}
    </div>
  );
}

function ImageBlock({ block }: { readonly block: Json }) {
  return (
    <figure className="image-block">
      {plain(block, 'title') !== '' && (
        <figcaption>
          <PlainText text={plain(block, 'title')} />
        </figcaption>
      )}
      <Picture of={block} className="picture" />
    </figure>
  );
}

function OneBlock({ block }: { readonly block: Block }) {
  switch (block.type) {
    case 'header':
      return (
        <h3 className="header-block">
          <PlainText text={plain(block, 'text')} />
        </h3>
      );
    case 'section':
      return <Section block={block} />;
    case 'context':
      return <Context block={block} />;
    case 'divider':
      return <hr />;
    case 'actions':
      return <Actions block={block} />;
    case 'rich_text':
      return <RichText block={block} />;
    case 'image':
      return <ImageBlock block={block} />;
    case 'table':
      return <TableBlock block={block} />;
    case 'markdown':
      return (
        <div className="markdown">
          <Markdown remarkPlugins={[remarkGfm]}>{str(block, 'text')}</Markdown>
        </div>
      );
    case 'input':
      return <InputBlock block={block} />;
    default:
      return <p className="not-drawn">The local workspace does not draw blocks of type “{block.type}”.</p>;
  }
}

/** The blocks of a message or view, or `text` where there are none. */
export function Blocks({ blocks, text = '' }: { readonly blocks: readonly Block[]; readonly text?: string }) {
  if (blocks.length === 0) {
    return text === '' ? null : (
      <div className="text">
        <Mrkdwn text={text} />
      </div>
    );
  }
  return (
    <div className="blocks">
      {blocks.map((block, index) => (
        <OneBlock key={placeOf(blocks, index)} block={block} />
      ))}
    </div>
  );
}

/**
 * Which one of its type a block is. Its id may change with every edit and its place with a block that comes before it;
 * a dialog that a button has opened has to outlive both.
 */
function placeOf(blocks: readonly Block[], index: number): string {
  const type = blocks[index]?.type ?? '';
  return `${type}-${blocks.slice(0, index).filter((block) => block.type === type).length}`;
}
