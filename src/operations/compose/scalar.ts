import { parseDocument, Scalar } from 'yaml';

/** Written as it is, it might be read as anything else: these are only tried, and what they mean is looked at after. */
const MAYBE_PLAIN = /^[\w./$~@+-](?:[\w./$~@+:=%^(){},;?-]| (?=[\w./$]))*$/;
/** Characters that nobody sees or that end a line for somebody; in double quotes they can be written as their numbers. */
const UNSEEN = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

type YamlValue = string | number | boolean | null;

/** Versions of YAML that matter: docker-compose v1 reads 1.1, where `no` is false and `22:22` a number; v2 reads 1.2. */
const VERSIONS = ['1.1', '1.2'] as const;

/** What a text written as it is means, or undefined where the two versions of YAML do not agree or it is no value. */
function meaningOf(text: string, inFlow: boolean): YamlValue | undefined {
  if (!MAYBE_PLAIN.test(text) || (inFlow && /[,{}]/.test(text))) return undefined;
  const [one, other] = VERSIONS.map((version): unknown => {
    const read = parseDocument(inFlow ? `[${text}]` : `0: ${text}`, { version, logLevel: 'silent' });
    return read.errors.length > 0 ? undefined : read.get(0);
  });
  return one === other && isValue(one) ? one : undefined;
}

function isValue(value: unknown): value is YamlValue {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

/** In double quotes everything can be written: JSON is a part of YAML there. */
function doubleQuoted(value: string): string {
  return JSON.stringify(value).replaceAll(UNSEEN, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function isOneLine(value: string): boolean {
  return !/\p{Cc}/u.test(value) && !/[\u2028\u2029\ufeff\ufffe\uffff]/.test(value);
}

/** The style of what stands there now: it stays, as far as the new value allows. */
export interface OldScalar {
  readonly style: Scalar['type'];
  /** As it stands in the file. */
  readonly source: string;
  readonly inFlow: boolean;
}

/** Whether a plain text is of a type that is not text, or gets one when Compose has put a variable in its place. */
function isTyped({ style, source, inFlow }: OldScalar): boolean {
  return style === Scalar.PLAIN && (source.includes('${') || typeof meaningOf(source, inFlow) !== 'string');
}

/**
 * A value written so that it takes the place of another: a number stays a number and a text stays a text, whichever
 * version of YAML is spoken, and quotes stay what they are. Answers the text and what it means.
 */
export function writeScalar(value: string, old: OldScalar): { readonly text: string; readonly means: YamlValue } {
  const meaning = meaningOf(value, old.inFlow);
  if (isTyped(old) && meaning !== undefined) return { text: value, means: meaning };
  if (old.style === Scalar.PLAIN && meaning === value) return { text: value, means: value };
  if (old.style === Scalar.QUOTE_SINGLE && isOneLine(value))
    return { text: `'${value.replaceAll("'", "''")}'`, means: value };
  return { text: doubleQuoted(value), means: value };
}
