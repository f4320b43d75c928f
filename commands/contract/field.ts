/** One argument as a person types it or fills it in. */
export interface Field {
  readonly key: string;
  readonly label: string;
  /** What can be chosen from; `text` is free, `line` takes all words that are left. */
  readonly of: 'site' | 'host' | 'cluster' | 'operation' | 'command' | 'product' | 'text' | 'line';
  readonly required: boolean;
  /** Written as `--key value` instead of by its place. */
  readonly flag?: boolean;
  /** A flag without a value, `--key` alone; given, it reads `yes`. */
  readonly bare?: boolean;
  readonly hint?: string;
  /** What is typed here may be a secret by mistake: a line that is refused is noted without it. */
  readonly unwritten?: boolean;
  /** What a form begins with. */
  readonly initial?: string;
  /** What can be chosen in a form, instead of what `of` says. */
  readonly options?: readonly string[];
}

/** A file that a form takes; its id takes the place of what would be typed into a field. */
export interface Upload {
  /** The key of that field. */
  readonly insteadOf: string;
  readonly label: string;
  readonly hint: string;
}
