import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { didYouMean } from '../kernel/did-you-mean.ts';
import { messageOf } from '../kernel/errors.ts';
import { type Profile, profileDocument } from './profile.ts';
import { type Problem, problemsOfProfile } from './profile-check.ts';

/** A profile's file as it was read, before anything in it has been believed. */
export interface ProfileSource {
  readonly file: string;
  readonly raw: Readonly<Record<string, unknown>>;
  /** The line of a place in the document, counted from 1; of the nearest place above it when it is not there. */
  readonly lineOf: (at: Problem['at']) => number;
}

/** What is wrong with a file, in a line that a person can act on. */
export interface Complaint {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** `twokey.yml:12: commands.start: …`, as editors understand it. */
export function complaintInWords({ file, line, message }: Complaint): string {
  return `${file}:${line}: ${message}`;
}

function offsetOf(document: Document, at: Problem['at']): number {
  for (let length = at.length; length > 0; length -= 1) {
    const parent = length === 1 ? document.contents : document.getIn(at.slice(0, length - 1), true);
    const last = at[length - 1];
    if (isMap(parent)) {
      const key = parent.items.find((pair) => isScalar(pair.key) && pair.key.value === last)?.key;
      if (isScalar(key) && key.range) return key.range[0];
    }
    if (isSeq(parent)) {
      const item = document.getIn(at.slice(0, length), true);
      if (isScalar(item) || isMap(item) || isSeq(item)) return item.range?.[0] ?? 0;
    }
  }
  return 0;
}

const anyObject = z.record(z.string(), z.unknown());

/** Reads the text of a profile's file; answers complaints when it is no YAML, or no group of keys. */
export function readSource(text: string, file: string): ProfileSource | readonly Complaint[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0)
    return document.errors.map((error) => ({
      file,
      line: error.linePos?.[0].line ?? 1,
      message: `this is not YAML: ${error.message.split('\n')[0]?.replace(/ at line \d+.*$/, '') ?? ''}`,
    }));
  const unsafe: number[] = [];
  visit(document, {
    Pair: (_key, { key }) => {
      if (isScalar(key) && key.value === '__proto__') unsafe.push(lines.linePos(key.range?.[0] ?? 0).line);
    },
  });
  if (unsafe.length > 0) return unsafe.map((line) => ({ file, line, message: '__proto__: there is no such key' }));
  try {
    const raw = anyObject.safeParse(document.toJS());
    if (!raw.success) return [{ file, line: 1, message: 'a profile is a group of keys, beginning with `name`' }];
    return { file, raw: raw.data, lineOf: (at) => Math.max(1, lines.linePos(offsetOf(document, at)).line) };
  } catch (error) {
    return [{ file, line: 1, message: `this cannot be read: ${messageOf(error)}` }];
  }
}

/** The keys that the schema knows at a place. */
function knownKeys(at: Problem['at']): readonly string[] {
  let here: readonly z.core.JSONSchema._JSONSchema[] = [z.toJSONSchema(profileDocument, { io: 'input' })];
  for (const step of at) {
    here = here.flatMap((schema) => {
      if (typeof schema === 'boolean') return [];
      const alternatives = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
      return alternatives.flatMap((one) => {
        if (typeof one === 'boolean') return [];
        const items = Array.isArray(one.items) ? one.items : [one.items];
        const below = typeof step === 'number' ? items : [one.properties?.[step] ?? one.additionalProperties];
        return below.flatMap((next) => (next === undefined ? [] : [next]));
      });
    });
  }
  return here.flatMap((schema) =>
    typeof schema === 'boolean'
      ? []
      : [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((one) =>
          typeof one === 'boolean' ? [] : Object.keys(one.properties ?? {}),
        ),
  );
}

const KIND_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  object: 'a group of keys',
  record: 'a group of keys',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/** What is said where the schema itself says nothing better. */
const inWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return 'it is missing';
    const quotes = issue.expected === 'string' && ['number', 'boolean'].includes(typeof issue.input);
    return `it has to be ${KIND_WORDS[issue.expected] ?? issue.expected}${quotes ? ': put it into quotes' : ''}`;
  }
  if (issue.code === 'invalid_value') {
    const near = typeof issue.input === 'string' ? didYouMean(issue.input, issue.values.map(String)) : undefined;
    return `it has to be one of ${issue.values.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`;
  }
  if (issue.code === 'invalid_union') return 'it says none of the kinds that are known';
  if (issue.code === 'invalid_key') return `this key cannot be used: ${issue.issues[0]?.message ?? ''}`;
  return undefined;
};

function problemsOfIssue(issue: z.core.$ZodIssue): Problem[] {
  const at = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code !== 'unrecognized_keys') return [{ at, message: issue.message }];
  const known = knownKeys(at);
  return issue.keys.map((key) => {
    const near = didYouMean(key, known);
    const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean \`${near}\`?`;
    return { at: [...at, key], message: `there is no such key; ${hint}` };
  });
}

/** Checks a document whose `extends` has been followed already. */
export function checkProfile(raw: unknown): { readonly profile: Profile } | { readonly problems: readonly Problem[] } {
  const checked = profileDocument.safeParse(raw, { error: inWords });
  if (!checked.success) return { problems: checked.error.issues.flatMap(problemsOfIssue) };
  const problems = problemsOfProfile(checked.data);
  return problems.length > 0 ? { problems } : { profile: checked.data };
}
