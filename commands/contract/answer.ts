/** An answer in the words of the domain; an adapter turns it into what its surface can show. */
export interface Answer {
  /** One sentence that says it all, for notifications and screen readers. */
  readonly summary: string;
  readonly parts: readonly Part[];
  /** Handed to the asker alone, beside the answer. */
  readonly file?: { readonly name: string; readonly text: string };
}

export type Part =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'text'; readonly text: readonly Span[] }
  | { readonly kind: 'fields'; readonly rows: readonly { readonly label: string; readonly value: readonly Span[] }[] }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'log'; readonly text: string };

/** A piece of a line: plain words, something to type, a person, or an instant that each reader sees in their own zone. */
export type Span =
  | string
  | { readonly code: string }
  | { readonly person: string }
  | { readonly at: Date; readonly style: 'time' | 'day-time' }
  | { readonly strong: string };

/** A sentence of ours in which people are named as in a refusal, `<@U0APA>`: they stay people. */
export function sentence(words: string): Span[] {
  return words.split(/<@([UW][A-Z0-9]{2,20})>/).map((part, at) => (at % 2 === 0 ? part : { person: part }));
}

export function text(...spans: readonly Span[]): Part {
  return { kind: 'text', text: spans };
}
