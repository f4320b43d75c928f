import type { Profile } from '../../estate/profile.ts';
import { findMode, findModeProbe, type ReadyCommand } from '../../estate/profile-command.ts';
import { namesOf } from '../../estate/web-heads.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { SiteFacts } from '../facts.ts';
import { commandParams, type Params, type Sign, signParams } from './encode.ts';
import { type PlacedCommand, placeCommand } from './place.ts';

type Mode = Profile['maintenance']['modes'][number];

/** A mode made ready: how it is entered, and what shows it. */
interface PlacedMode {
  readonly name: string;
  readonly enter: PlacedCommand;
  readonly sign: Sign | null;
}

/** How a site goes into maintenance and comes out of it. */
export interface Maintenance {
  readonly on: PlacedMode;
  readonly off: PlacedMode;
  /** What people can do meanwhile, in words. */
  readonly meanwhile: string;
  /** After so many milliseconds the application ends it by itself; null when it does not. */
  readonly expiresMs: number | null;
  readonly probe: PlacedCommand | null;
  /** Why nothing proves the mode; null when the probe does. */
  readonly unproved: string | null;
}

/** How often, a second apart, the probe is asked before the mode counts as not shown. */
const PROBE_TRIES = '30';

/**
 * How a site is put into maintenance for a change: the mode in which nobody works, else the one in which people read.
 * Null where the profile says that there is none. Refusals: command_not_set where nobody has set how a mode is entered,
 * not_supported where they are not entered and probed on the same hosts, and those of placeCommand.
 */
export function placeMaintenance(facts: SiteFacts, message: string): Result<Maintenance | null, Refusal> {
  const { maintenance } = facts.profile.profile;
  if (maintenance.none !== undefined) return ok(null);
  const { modes } = maintenance;
  const closed = modes.find((mode) => mode.users === 'none') ?? modes.find((mode) => mode.users === 'read');
  const open = modes.find((mode) => mode.users === 'work');
  if (!closed || !open) return err(refusal('internal', 'a profile without a mode of maintenance was read'));
  const on = placeMode(facts, closed, message);
  if (!on.ok) return on;
  const off = placeMode(facts, open, message);
  if (!off.ok) return off;
  // Whatever ends maintenance has to be able to begin it again.
  if (namesOf(on.value.enter.hosts) !== namesOf(off.value.enter.hosts))
    return err(apart(facts, on.value, `enters ${off.value.name}`, off.value.enter));
  const probe = placeProbe(facts, on.value, off.value);
  if (!probe.ok) return probe;
  const meanwhile = closed.users === 'none' ? 'nobody can work' : 'people can only read';
  const expiresMs = maintenance.expires_after ?? null;
  return ok({ on: on.value, off: off.value, meanwhile, expiresMs, ...probe.value });
}

function placeMode(facts: SiteFacts, mode: Mode, message: string): Result<PlacedMode, Refusal> {
  const command = findMode(facts.profile, mode.name);
  if (!command.ok) return command;
  const enter = placeCommand(facts, command.value, messageFor(command.value, message));
  return enter.ok ? ok({ name: mode.name, enter: enter.value, sign: mode.shown_by ?? null }) : enter;
}

/** What visitors are told, for modes that ask for it. */
function messageFor({ parameters }: ReadyCommand, message: string): Readonly<Record<string, string>> {
  return Object.hasOwn(parameters, 'message') ? { message } : {};
}

function placeProbe(
  facts: SiteFacts,
  on: PlacedMode,
  off: PlacedMode,
): Result<Pick<Maintenance, 'probe' | 'unproved'>, Refusal> {
  const { probe } = facts.profile.profile.maintenance;
  if (probe === undefined || probe.run === null)
    return ok({ probe: null, unproved: probe?.note ?? 'The profile has no probe.' });
  if (on.sign === null || off.sign === null)
    return ok({ probe: null, unproved: 'The profile does not say what its modes are shown by.' });
  const found = findModeProbe(facts.profile);
  if (!found.ok) return found;
  const placed = placeCommand(facts, found.value);
  if (!placed.ok) return placed;
  if (namesOf(on.enter.hosts) !== namesOf(placed.value.hosts)) return err(apart(facts, on, 'probes it', placed.value));
  return ok({ probe: placed.value, unproved: null });
}

/** Says that something of maintenance is done on another host than entering a mode. */
function apart({ profile: { profile } }: SiteFacts, { name, enter }: PlacedMode, does: string, other: PlacedCommand) {
  return refusal(
    'not_supported',
    `The profile ${profile.name} enters the mode ${name} on ${namesOf(enter.hosts)}, but ${does} on ${namesOf(other.hosts)}.`,
    'Give `maintenance.probe` and the modes the same `on` in the profile.',
  );
}

/** The parameters of entering a mode, and of proving it. */
export function modeParams({ enter, sign }: PlacedMode, { probe }: Maintenance, group: 'do' | 'back' = 'do'): Params {
  return {
    ...commandParams(group, enter),
    ...signParams(group, probe === null ? {} : (sign ?? {})),
    ...(probe === null ? { probe_runs: '0' } : commandParams('probe', probe)),
    probe_tries: PROBE_TRIES,
  };
}
