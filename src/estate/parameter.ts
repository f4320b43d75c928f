import { z } from 'zod';
import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { absolutePath } from './types.ts';

const TYPES = [
  'name',
  'version',
  'path',
  'port',
  'date',
  'duration',
  'integer',
  'boolean',
  'choice',
  'host',
  'url',
  'unit',
  'file_name',
  'text',
] as const;
type ParameterType = (typeof TYPES)[number];

/** The keys by which a value's type is written, in a command's parameters and in a profile's settings alike. */
export const parameterShape = {
  type: z.enum(TYPES).describe('What a value has to be.'),
  values: z.array(z.string().min(1).max(100)).min(1).optional().describe('For a choice: what can be chosen.'),
  min: z.int().optional().describe('For an integer: the smallest.'),
  max: z.int().optional().describe('For an integer: the largest. For a text: how many characters.'),
};

/** What a value has to be. */
export interface Parameter {
  readonly type: ParameterType;
  readonly values?: readonly string[] | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** Characters that nobody can see, or that reorder what is read: nothing that a person approves or reads may hold them. */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const LONGEST = 1_000;
const LONGEST_TEXT = 200;

const HOST =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

function isUrl(text: string): boolean {
  if (!/^https?:\/\/[^\s\\]+$/.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

const integer = (text: string) => (/^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN);

interface Rule {
  readonly says: (parameter: Parameter) => string;
  readonly holds: (text: string, parameter: Parameter) => boolean;
}

const plain = (words: string, pattern: RegExp): Rule => ({ says: () => words, holds: (text) => pattern.test(text) });

const RULES: Readonly<Record<ParameterType, Rule>> = {
  name: plain('a name of letters, digits, dots, dashes and underscores', /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/),
  version: plain('a version such as 8.1.0', /^[0-9A-Za-z][0-9A-Za-z.+_-]{0,60}$/),
  path: {
    says: () => 'an absolute path without ".."',
    holds: (text) => absolutePath.safeParse(text).success,
  },
  port: { says: () => 'a port from 1 to 65535', holds: (text) => integer(text) >= 1 && integer(text) <= 65_535 },
  date: { says: () => 'a date such as 2026-11-21', holds: (text) => z.iso.date().safeParse(text).success },
  duration: plain('a duration such as 90s, 60m, 4h or 2d', /^[1-9]\d{0,5}[smhd]$/),
  integer: {
    says: ({ min, max }) =>
      `a whole number${min === undefined ? '' : ` from ${min}`}${max === undefined ? '' : ` up to ${max}`}`,
    holds: (text, { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER }) =>
      integer(text) >= min && integer(text) <= max,
  },
  boolean: plain('true or false', /^(?:true|false)$/),
  choice: {
    says: ({ values = [] }) => `one of ${values.join(', ')}`,
    holds: (text, { values = [] }) => values.includes(text),
  },
  host: plain('a host name or an IPv4 address', HOST),
  url: { says: () => 'an http or https address without a password in it', holds: isUrl },
  unit: plain('the name of a unit or service, such as app@1.service', /^[A-Za-z0-9_][A-Za-z0-9:_.@-]{0,199}$/),
  file_name: plain('the name of a file, without a folder', /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,199}$/),
  text: {
    says: ({ max = LONGEST_TEXT }) => `one line of at most ${max} characters`,
    holds: (text, { max = LONGEST_TEXT }) => text !== '' && text.length <= max,
  },
};

/** What a value has to be, in words. */
export function parameterInWords(parameter: Parameter): string {
  return RULES[parameter.type].says(parameter);
}

/**
 * Checks a value that somebody typed; it is handed on exactly as it is, never mended.
 * Refusal: bad_arguments, naming the parameter and what it has to be, and never the value, which may be a secret.
 */
export function checkValue(name: string, parameter: Parameter, text: string): Result<string, Refusal> {
  const fits =
    text.length <= LONGEST && text.isWellFormed() && !UNSEEN.test(text) && RULES[parameter.type].holds(text, parameter);
  if (fits) return ok(text);
  const what = parameterInWords(parameter);
  return err(refusal('bad_arguments', `\`${name}\` has to be ${what}.`, `Give \`${name}\` a value that is ${what}.`));
}

/** Why a declaration makes no sense, one line a reason; empty when it does. */
export function problemsOfParameter(parameter: Parameter): string[] {
  const { type, values, min, max } = parameter;
  const problems: string[] = [];
  if (type === 'choice' && values === undefined) problems.push('a choice needs `values`');
  if (type !== 'choice' && values !== undefined) problems.push('`values` is only for a choice');
  if (type !== 'integer' && min !== undefined) problems.push('`min` is only for an integer');
  if (type !== 'integer' && type !== 'text' && max !== undefined)
    problems.push('`max` is only for an integer or a text');
  if (min !== undefined && max !== undefined && min > max) problems.push('`min` is larger than `max`');
  return problems;
}
