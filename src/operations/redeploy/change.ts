import type { Host } from '../../estate/types.ts';
import type { PlannedStep } from '../plan.ts';

/** A step as a change plans it: which secrets its output is freed from is the redeploy's business. */
export type ChangeStep = Omit<PlannedStep, 'secrets' | 'blanks' | 'aftermath' | 'since' | 'host'>;

/** A change on the host that a site's redeploy makes and applies, in its one maintenance. */
export interface Change {
  /** The command that asks for it. */
  readonly command: string;
  /** The one host on which it is made and applied. */
  readonly host: Host;
  /** Others would have to be applied too before what is stored runs: then nothing is noted of the settings. */
  readonly partial: boolean;
  /** What visitors are told meanwhile, in modes that show them a message. */
  readonly message: string;
  /** In place of `config_validate`: made ready and validated, and nothing of it is in force. */
  readonly prepare: readonly ChangeStep[];
  /** Puts it into force, right before the site is made to take it up. */
  readonly make: ChangeStep;
  /** Removes what was made ready and never came into force. */
  readonly cleanup: ChangeStep;
  /** For those who approve it, before everything else. */
  readonly effects: readonly string[];
  /** What is changed, for example the path of a file. */
  readonly what: string;
  /** The command that shows whether it was made. */
  readonly look: string;
  /** The one command that takes it back; the step that makes the change says so in its result. */
  readonly back: string;
}
