import { z } from 'zod';
import { refusal } from '../src/kernel/errors.ts';
import { err, ok } from '../src/kernel/result.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';

/** A person as they are typed: an id, or a mention that Slack has turned into one. */
const PERSON = /^(?:<@)?([UW][A-Z0-9]{2,20})(?:\|[^>]*)?>?$/;

export const command = question({
  name: 'totp reset',
  summary: 'Forget the codes of somebody who has lost the phone; said to that person and in the audit channel.',
  fields: [{ key: 'person', label: 'member id', of: 'text', required: true, hint: 'Profile, Copy member ID' }],
  roles: ['admin'],
  area: 'oversight',
  risk: 'routine',
  about: 'nothing',
  args: z.strictObject({ person: z.string().max(120) }),
  answer: async (args, { stepUp }) => {
    const id = PERSON.exec(args.person)?.[1];
    if (id === undefined) {
      const enrolled = (await stepUp.people()).map((one) => `<@${one}> is \`${one}\``).join(', ');
      return err(
        refusal(
          'bad_arguments',
          'Name the person by their member id (Profile, Copy member ID).',
          enrolled === '' ? 'Nobody is enrolled.' : `Enrolled: ${enrolled}.`,
        ),
      );
    }
    const done = await stepUp.reset(id);
    if (!done.ok) return done;
    const person = done.value;
    return ok({
      summary: 'Their codes are reset.',
      parts: [
        text('The codes of ', { person }, ' are reset. ', { person }, ' and the audit channel are told.'),
        text('Ask them in person whether they wanted this; whoever takes over an account asks for it too.'),
      ],
    });
  },
});
