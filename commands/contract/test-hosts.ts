import type { Host } from '../../src/estate/types.ts';
import { type Part, type Span, text } from './answer.ts';
import { checkInWords, nextAfter } from './check-words.ts';
import type { QuestionContext } from './command.ts';

/** Dials hosts anew, all at once, and says of each how that went. What was found is noted, for later answers. */
export async function testHosts(
  hosts: readonly Host[],
  { dial, estateBook, book }: QuestionContext,
): Promise<{ readonly answering: number; readonly parts: readonly Part[] }> {
  const looks = await Promise.all(
    hosts.map(async (host) => {
      const check = await dial.check(host);
      const words = checkInWords(host.name, check, await book.now());
      // What is never connected to has no last contact.
      if (check.problem?.code !== 'no_shell') await estateBook.noteContact(host.name, check.problem === null, words);
      return { host: host.name, check, words };
    }),
  );
  const parts = looks.map(({ host, check, words }): Part => {
    const next = nextAfter(host, check);
    const spans: Span[] = [{ strong: host }, ` ${words}.`, ...(next === null ? [] : [' ', { strong: 'Next: ' }, next])];
    return text(...spans);
  });
  return { answering: looks.filter(({ check }) => check.problem === null).length, parts };
}
