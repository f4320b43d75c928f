import type { ReactNode } from 'react';
import { emojiSign } from './emoji.ts';
import { Anchor, ChannelMention, Instant, Preformatted, UserMention } from './Mrkdwn.tsx';
import { child, flag, type Json, list, num, str } from './read.ts';

function styled(element: Json, content: ReactNode): ReactNode {
  const style = child(element, 'style');
  if (style === undefined) return content;
  let result = content;
  if (flag(style, 'code')) result = <code>{result}</code>;
  if (flag(style, 'bold')) result = <b>{result}</b>;
  if (flag(style, 'italic')) result = <i>{result}</i>;
  if (flag(style, 'strike')) result = <s>{result}</s>;
  if (flag(style, 'underline')) result = <u>{result}</u>;
  return result;
}

function leaf(element: Json): ReactNode {
  const type = str(element, 'type');
  switch (type) {
    case 'text':
      return str(element, 'text');
    case 'link':
      return <Anchor url={str(element, 'url')}>{str(element, 'text') || str(element, 'url')}</Anchor>;
    case 'user':
      return <UserMention id={str(element, 'user_id')} />;
    case 'channel':
      return <ChannelMention id={str(element, 'channel_id')} />;
    case 'usergroup':
      return <span className="mention">@{str(element, 'usergroup_id')}</span>;
    case 'broadcast':
      return <span className="mention mention-me">@{str(element, 'range')}</span>;
    case 'emoji':
      return emojiSign(str(element, 'name')) ?? `:${str(element, 'name')}:`;
    case 'date':
      return (
        <Instant
          unix={num(element, 'timestamp') ?? Number.NaN}
          pattern={str(element, 'format')}
          fallback={str(element, 'fallback')}
        />
      );
    case 'color':
      return str(element, 'value');
    default:
      return <span className="not-drawn">[{type}]</span>;
  }
}

function Leaves({ of }: { readonly of: Json }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: text elements have no identity besides their place
  return list(of, 'elements').map((element, index) => <span key={index}>{styled(element, leaf(element))}</span>);
}

function RichList({ of }: { readonly of: Json }) {
  const indent = num(of, 'indent') ?? 0;
  const ordered = str(of, 'style') === 'ordered';
  const items = list(of, 'elements').map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: list items have no identity besides their place
    <li key={index}>
      <Leaves of={item} />
    </li>
  ));
  const style = { marginInlineStart: `${indent * 1.6}em` };
  return ordered ? (
    <ol style={style} start={(num(of, 'offset') ?? 0) + 1}>
      {items}
    </ol>
  ) : (
    <ul style={style}>{items}</ul>
  );
}

function RichPart({ part }: { readonly part: Json }) {
  switch (str(part, 'type')) {
    case 'rich_text_section':
      return (
        <div className="rich-section">
          <Leaves of={part} />
        </div>
      );
    case 'rich_text_preformatted':
      return (
        <Preformatted>
          <Leaves of={part} />
        </Preformatted>
      );
    case 'rich_text_quote':
      return (
        <blockquote>
          <Leaves of={part} />
        </blockquote>
      );
    case 'rich_text_list':
      return <RichList of={part} />;
    default:
      return <span className="not-drawn">[{str(part, 'type')}]</span>;
  }
}

/** A `rich_text` block, and rich text inside table cells. */
export function RichText({ block }: { readonly block: Json }) {
  return (
    <div className="rich">
      {list(block, 'elements').map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity besides their place
        <RichPart key={index} part={part} />
      ))}
    </div>
  );
}
