import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { editScalar } from './edit.ts';
import { pathInWords } from './path.ts';
import type { Found, NewContent } from './plan-change.ts';
import { oneLine } from './words.ts';

/** Longest value that is shown whole; the plan's details have all of it. */
const MOST_SHOWN = 150;

const shown = (text: string) => oneLine(text, MOST_SHOWN);

/** One value of the file in place of another. Refusals: those of editScalar, and precheck_failed for what is no UTF-8. */
export function planValue({ file, folder, content }: Found, typed: string, value: string): Result<NewContent, Refusal> {
  const { text } = content;
  const where = `${folder.path}/${file.name}`;
  if (text === null)
    return err(refusal('precheck_failed', `${where} is not UTF-8.`, 'Mend that on the host, then send it again.'));
  const edit = editScalar(text.reveal(), where, typed, value);
  if (!edit.ok) return edit;
  const { path, told, ...bytes } = edit.value;
  const name = pathInWords(path);
  const was = told === null ? 'the value before is not shown, because it may be a secret' : `before: ${shown(told)}`;
  return ok({
    ...bytes,
    from: null,
    title: `Change ${shown(name)} in ${file.name}`,
    effects: [
      `Changes one value of ${where} on ${folder.host.name}: ${name} becomes ${shown(bytes.text)} (${was}). Every other byte stays as it is.`,
      ...(value.includes('$')
        ? ['Compose puts variables in the place of `$NAME`; `$$` stands for the character itself.']
        : []),
    ],
    words: path,
  });
}
