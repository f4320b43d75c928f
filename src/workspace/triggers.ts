import { monotonicMs } from '../kernel/clock.ts';
import { newUuid } from '../kernel/ids.ts';
import { ApiError } from './errors.ts';

interface Trigger {
  readonly user: string;
  /** The modal the person was in, when there was one. */
  readonly viewId: string | null;
  readonly expires: number;
  used: boolean;
}

/** trigger_ids: proof that a person has just done something; good for one modal within three seconds. */
export class Triggers {
  readonly #triggers = new Map<string, Trigger>();
  readonly #lifeMs: number;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  issue(user: string, viewId: string | null): string {
    const at = monotonicMs();
    for (const [id, trigger] of this.#triggers) if (trigger.expires < at - 60_000) this.#triggers.delete(id);
    const id = `${Math.floor(at)}.${newUuid()}`;
    this.#triggers.set(id, { user, viewId, expires: at + this.#lifeMs, used: false });
    return id;
  }

  /** Exchanges the trigger. Throws the errors Slack gives: invalid, exchanged, expired. */
  exchange(id: string): { readonly user: string; readonly viewId: string | null } {
    const trigger = this.#triggers.get(id);
    if (trigger === undefined) throw new ApiError('invalid_trigger_id');
    if (trigger.used) throw new ApiError('exchanged_trigger_id');
    if (monotonicMs() > trigger.expires) throw new ApiError('expired_trigger_id');
    trigger.used = true;
    return trigger;
  }
}
