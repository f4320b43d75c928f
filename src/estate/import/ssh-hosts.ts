import { canonicalJson } from '../../kernel/canonical.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { nameFrom } from './names.ts';
import type { Hop, SshSettings } from './ssh-settings.ts';

/** Asks `ssh -G` about a host. */
export type AskSsh = (hop: Hop) => Promise<Result<SshSettings, Refusal>>;

/** A host as an ssh_config describes it. */
export interface SshHost {
  /** As the estate names it. */
  readonly name: string;
  readonly alias: string;
  readonly settings: SshSettings;
  /** Name of the host that it is reached over; null for a direct way. */
  readonly jump: string | null;
  /** True for one that was named, false for one that is only on the way. */
  readonly asked: boolean;
}

const MOST_HOSTS = 200;

/**
 * The named hosts and every hop on the way to them, each once, hops before what is behind them. Of several hops the first
 * is reached as its own configuration says, each later one over the one before it, as ssh does.
 * Refusals: bad_arguments for a circle, for two ways to one host, and for two hosts of one name.
 */
export async function hostsOf(aliases: readonly string[], ask: AskSsh): Promise<Result<readonly SshHost[], Refusal>> {
  const found = new Map<string, SshHost>();
  const visit = async (
    hop: Hop,
    over: string | null,
    way: readonly string[],
    asked: boolean,
  ): Promise<Result<string, Refusal>> => {
    if (way.includes(hop.alias))
      return err(
        refusal('bad_arguments', `The way to ${hop.alias} goes round in a circle: ${[...way, hop.alias].join(', ')}.`),
      );
    if (found.size >= MOST_HOSTS) return err(refusal('bad_arguments', `These are more than ${MOST_HOSTS} hosts.`));
    const [name, settings] = [nameFrom(hop.alias), await ask(hop)];
    if (!name.ok) return name;
    if (!settings.ok) return settings;
    let jump = over;
    if (over === null)
      for (const next of settings.value.hops) {
        const before = await visit(next, jump, [...way, hop.alias], false);
        if (!before.ok) return before;
        jump = before.value;
      }
    const fresh = { name: name.value, alias: hop.alias, settings: settings.value, jump };
    const old = found.get(name.value);
    if (old && tell(old) !== tell(fresh)) return err(twoWays(old, fresh));
    if (!old || (asked && !old.asked)) found.set(name.value, { ...fresh, asked: asked || (old?.asked ?? false) });
    return ok(name.value);
  };
  for (const alias of aliases) {
    const visited = await visit({ alias, user: null, port: null }, null, [], true);
    if (!visited.ok) return visited;
  }
  return ok([...found.values()]);
}

type Way = Pick<SshHost, 'name' | 'alias' | 'settings' | 'jump'>;

const tell = ({ alias, settings: { address, port, user }, jump }: Way) =>
  canonicalJson({ alias, address, port, user, jump });

function twoWays(old: Way, fresh: Way): Refusal {
  const words = ({ alias, settings: { address, port, user }, jump }: Way) =>
    `${alias} (${user}@${address}:${port}${jump === null ? '' : ` over ${jump}`})`;
  return refusal(
    'bad_arguments',
    `The host ${old.name} would be two things: ${words(old)} and ${words(fresh)}. An estate has one way to a host.`,
    'Import them in two runs, or give one of them a `Host` entry of its own.',
  );
}
