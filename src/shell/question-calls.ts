import { whole } from './protocol.ts';
import { quote } from './quote.ts';
import { shellText } from './shell-text.ts';

/**
 * What is written to a question shell (question-shell.sh): first the opening, then any number of calls, each when the
 * one before it has been answered. Every answer begins with the random word of its call, by which frames.ts tells it
 * from everything else.
 */
export const OPENING = `${shellText('process.sh')}${shellText('question-shell.sh')}q_open END\n`;

export interface Question {
  readonly script: string;
  /** What it prints beyond so many bytes is swallowed. */
  readonly capBytes: number;
  /** Its standard input; may be secret. */
  readonly stdin: string;
  /** After so long, rounded up, the host ends it by itself. */
  readonly seconds: number;
}

/** Asks the question; answered by output and exit code. Throws CodedError `bad_arguments` for what cannot be quoted. */
export function askCall({ script, capBytes, stdin, seconds }: Question, word: string): string {
  const words = [word, script, whole(capBytes), stdin, whole(Math.ceil(seconds)), 'END'];
  return `q_ask ${words.map(quote).join(' ')}\n`;
}

/** Asks whether anybody is there; answered by the frame `alive`. */
export function hereCall(word: string): string {
  return `q_here ${quote(word)} END\n`;
}
