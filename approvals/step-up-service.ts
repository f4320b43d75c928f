import { type Refusal, refusal } from '../src/kernel/errors.ts';
import { assertNever, err, ok, type Result } from '../src/kernel/result.ts';
import type { Secret } from '../src/kernel/secret.ts';
import type { Actor } from './request.ts';
import { type CodeVerdict, judgeCode } from './step-up.ts';
import type { CodeMaker, CodePurpose, Seal, StepUpStore } from './step-up-ports.ts';

/** The second factor of those who approve: enrolment, codes, and the way out. */
export interface StepUp {
  people(): Promise<readonly string[]>;
  /** Whether this person's approvals ask for a code. */
  enrolled(person: string): Promise<boolean>;
  /** Begins an enrolment. The secret is given out here and never again. */
  begin(by: Actor, name: string): Promise<Result<{ readonly secret: Secret; readonly link: string }, Refusal>>;
  /** Takes a code, once. Refusals: wrong_code, code_used, code_locked, not_enrolled, totp_key. */
  take(by: Actor, purpose: CodePurpose, code: string): Promise<Result<true, Refusal>>;
  /** Forgets the enrolment of somebody who has lost the phone, and tells them at an id of theirs. */
  reset(whose: { readonly person: string; readonly account: string }, by: string): Promise<Result<true, Refusal>>;
}

/** `seal` gives the key's holder; it may make the key when `first` is true, because then nothing can be sealed with another. */
export function makeStepUp(
  store: StepUpStore,
  codes: CodeMaker,
  seal: (first: boolean) => Promise<Result<Seal, Refusal>>,
): StepUp {
  return {
    people: () => store.people(),
    enrolled: (person) => store.enrolled(person),
    async begin(by, name) {
      const sealing = await seal(!(await store.any()));
      if (!sealing.ok) return sealing;
      const secret = codes.newSecret();
      if (!(await store.begin(by, sealing.value.seal(secret, by.person))))
        return err(
          refusal(
            'not_allowed',
            'You are enrolled already: your approvals ask for a code.',
            'For another phone type `totp off`, then `totp`. Without the old one ask an admin for `totp reset`.',
          ),
        );
      return ok({ secret, link: codes.link(secret, name) });
    },
    async take(by, purpose, code) {
      const sealing = await seal(false);
      if (!sealing.ok) return sealing;
      const tried = await store.tryCode(by, purpose, ({ sealed, history }, now) => {
        const secret = sealing.value.open(sealed, by.person);
        if (secret === null)
          return err(
            refusal('totp_key', 'Your secret cannot be decrypted here, so no code can be checked and no vote counts.'),
          );
        return ok(judgeCode(history, code, now, (step) => codes.codeAt(secret, step)));
      });
      if (tried === null) return err(refusal('not_enrolled', 'You are not enrolled for codes (any more).'));
      return tried.ok ? inWords(tried.value.verdict, tried.value.now) : tried;
    },
    async reset(whose, by) {
      const { person } = whose;
      // Else a stolen session could take its own second factor away.
      if (person === by)
        return err(
          refusal('not_allowed', 'You cannot reset your own.', 'Type `totp off` with a code, or ask another admin.'),
        );
      return (await store.reset(whose, by))
        ? ok(true)
        : err(refusal('not_enrolled', `<@${person}> is not enrolled.`, 'Nothing to do.'));
    },
  };
}

function inWords(verdict: CodeVerdict, now: Date): Result<true, Refusal> {
  switch (verdict.kind) {
    case 'right':
      return ok(true);
    case 'used':
      return err(refusal('code_used', 'This code has been used already.'));
    case 'wrong':
      return err(
        refusal(
          'wrong_code',
          `This code is not right. ${verdict.left} more wrong ${verdict.left === 1 ? 'one locks' : 'ones lock'} your codes for a while.`,
        ),
      );
    case 'locked': {
      const minutes = Math.ceil((verdict.until.getTime() - now.getTime()) / 60_000);
      return err(refusal('code_locked', `Too many wrong codes: none is taken for another ${minutes} min.`));
    }
    default:
      return assertNever(verdict);
  }
}
