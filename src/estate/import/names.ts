import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { name } from '../types.ts';

/** A name of ours made from one that others gave: lower case, with dashes for what we do not use. Refusal: bad_arguments when nothing is left. */
export function nameFrom(foreign: string): Result<string, Refusal> {
  const made = foreign
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, '-')
    .replaceAll(/-*\.[-.]*/g, '.')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
    .slice(0, 60)
    .replace(/[-.]+$/, '');
  const checked = name.safeParse(made);
  if (checked.success) return ok(checked.data);
  return err(
    refusal(
      'bad_arguments',
      `No name can be made from ${inQuotes(foreign)}.`,
      'Give it a name with letters or digits.',
    ),
  );
}

/** Foreign text as it can be shown in a terminal: short, on one line, control characters written out. */
export function inQuotes(foreign: string): string {
  const short = foreign.length > 60 ? `${foreign.slice(0, 60)}…` : foreign;
  return JSON.stringify(short).replaceAll(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '?');
}
