import { Fragment, type ReactNode } from 'react';
import { useDirectory } from '../state/context.ts';
import { exactTime, slackDate } from './date.ts';
import { type Piece, parseMrkdwn } from './mrkdwn.ts';
import { type Json, str } from './read.ts';

/** A link that leaves the workspace; addresses other than web and mail ones are shown as text only. */
export function Anchor({ url, children }: { readonly url: string; readonly children: ReactNode }) {
  if (!/^(https?:|mailto:)/i.test(url)) return <span title={url}>{children}</span>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

/** A person, by id. */
export function UserMention({ id, label = '' }: { readonly id: string; readonly label?: string }) {
  const { people, me } = useDirectory();
  const name = people.find((person) => person.id === id)?.name ?? (label || id);
  return <span className={id === me ? 'mention mention-me' : 'mention'}>@{name}</span>;
}

/** A channel, by id; opens it. */
export function ChannelMention({ id, label = '' }: { readonly id: string; readonly label?: string }) {
  const { channels, openChannel } = useDirectory();
  const known = channels.find((channel) => channel.id === id);
  const name = known?.name ?? (label || id);
  if (known === undefined) return <span className="mention">#{name}</span>;
  return (
    <button type="button" className="mention mention-channel" onClick={() => openChannel(id)}>
      #{name}
    </button>
  );
}

/** An instant in the reader's own zone, with the exact time as a tip. */
export function Instant(props: { readonly unix: number; readonly pattern: string; readonly fallback: string }) {
  const at = new Date(props.unix * 1000);
  if (Number.isNaN(at.getTime())) return <>{props.fallback}</>;
  return (
    <time dateTime={at.toISOString()} title={exactTime(props.unix)}>
      {slackDate(props.unix, props.pattern, props.fallback)}
    </time>
  );
}

function PieceView({ piece }: { readonly piece: Piece }) {
  switch (piece.kind) {
    case 'text':
      return <>{piece.text}</>;
    case 'code':
      return <code>{piece.text}</code>;
    case 'pre':
      return <Preformatted>{piece.text}</Preformatted>;
    case 'bold':
      return <b>{renderPieces(piece.pieces)}</b>;
    case 'italic':
      return <i>{renderPieces(piece.pieces)}</i>;
    case 'strike':
      return <s>{renderPieces(piece.pieces)}</s>;
    case 'quote':
      return <blockquote>{renderPieces(piece.pieces)}</blockquote>;
    case 'link':
      return <Anchor url={piece.url}>{piece.label}</Anchor>;
    case 'user':
      return <UserMention id={piece.id} label={piece.label} />;
    case 'channel':
      return <ChannelMention id={piece.id} label={piece.label} />;
    case 'group':
    case 'broadcast':
      return <span className="mention mention-me">@{(piece.label || piece.id).replace(/^@/, '')}</span>;
    case 'date': {
      const instant = <Instant unix={piece.unix} pattern={piece.pattern} fallback={piece.fallback} />;
      return piece.url === '' ? instant : <Anchor url={piece.url}>{instant}</Anchor>;
    }
  }
}

function renderPieces(pieces: readonly Piece[]): ReactNode {
  return pieces.map((piece, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity besides their place
    <Fragment key={index}>
      <PieceView piece={piece} />
    </Fragment>
  ));
}

/** Text as a terminal wrote it, in a box that scrolls and that the keyboard can reach. */
export function Preformatted({ children }: { readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard
    <pre className="preformatted" tabIndex={0}>
      {children}
    </pre>
  );
}

/** A text in Slack's own markup. */
export function Mrkdwn({ text }: { readonly text: string }) {
  return <>{renderPieces(parseMrkdwn(text))}</>;
}

/** A Block Kit text object, formatted or plain. Emoji short names work in both. */
export function TextObject({ text }: { readonly text: Json | undefined }) {
  if (text === undefined) return null;
  const source = str(text, 'text');
  return str(text, 'type') === 'mrkdwn' ? <Mrkdwn text={source} /> : <PlainText text={source} />;
}

/** Text without markup, with emoji short names replaced. */
export function PlainText({ text }: { readonly text: string }) {
  return <>{text.replace(/:[a-z0-9_+'-]+:/g, emojiOrSame)}</>;
}

function emojiOrSame(written: string): string {
  const [piece] = parseMrkdwn(written);
  return piece?.kind === 'text' ? piece.text : written;
}
