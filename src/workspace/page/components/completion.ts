import type { UiState } from '../../protocol.ts';

export interface Suggestion {
  /** What is written into the composer. */
  readonly insert: string;
  readonly label: string;
  readonly note: string;
}

type Command = UiState['commands'][number];

/** The forms that a usage hint lists: parts divided by `|`, brackets around the whole left out. */
export function usageForms(usage: string): readonly string[] {
  const bare = usage
    .trim()
    .replace(/^\[([^[\]]*)\]$/, '$1')
    .replace(/^<([^<>]*)>$/, '$1');
  const forms: string[] = [];
  let depth = 0;
  let form = '';
  for (const sign of bare) {
    if (sign === '[' || sign === '<' || sign === '(') depth += 1;
    if (sign === ']' || sign === '>' || sign === ')') depth -= 1;
    if ((sign === '|' && depth === 0) || sign === '\n') {
      forms.push(form);
      form = '';
    } else form += sign;
  }
  return [...forms, form].map((one) => one.trim()).filter((one) => one !== '');
}

function literal(form: string): string {
  return (/^[^[<(…]*/.exec(form)?.[0] ?? '').trim();
}

function formSuggestions(command: Command, typed: string): readonly Suggestion[] {
  return usageForms(command.usage)
    .filter((form) => {
      const words = literal(form);
      return words !== '' && (words.startsWith(typed) || (typed.startsWith(`${words} `) && form !== words));
    })
    .map((form) => ({
      insert: typed.startsWith(literal(form)) ? '' : `${command.command} ${literal(form)} `,
      label: `${command.command} ${form}`,
      note: '',
    }));
}

/** Whether a whole command name stands at the start, so that sending makes sense. */
export function namesCommand(text: string, commands: readonly Command[]): boolean {
  return commands.some((one) => text.trim() === one.command || text.startsWith(`${one.command} `));
}

/** What could follow `text`: commands first, then the forms of the command that stands there. */
export function suggest(text: string, commands: readonly Command[]): readonly Suggestion[] {
  if (!text.startsWith('/') || text.includes('\n')) return [];
  const command = commands.find((one) => text === one.command || text.startsWith(`${one.command} `));
  if (command !== undefined) return formSuggestions(command, text.slice(command.command.length).trimStart());
  return commands
    .filter((one) => one.command.startsWith(text))
    .map((one) => ({ insert: `${one.command} `, label: `${one.command} ${one.usage}`, note: one.description }));
}
