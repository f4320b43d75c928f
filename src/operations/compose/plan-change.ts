import { needsRedeploy } from '../../estate/site-settings.ts';
import { namesOf } from '../../estate/web-heads.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { SiteFacts } from '../facts.ts';
import type { Plan } from '../plan.ts';
import { commandInWords, commandParams, type Params } from '../profile/encode.ts';
import type { Change } from '../redeploy/change.ts';
import { planRedeploy } from '../redeploy/plan-redeploy.ts';
import type { SafetyBackup } from '../safety-backup.ts';
import { type ComposeFile, checkRights, findFile } from './check-folder.ts';
import type { Content } from './folder.ts';
import { type ComposeFacts, namedAgain } from './look.ts';
import { stagedName } from './names.ts';
import { validationOf } from './validation.ts';

/** The compose file of a site as a change finds it. */
export interface Found extends ComposeFile {
  readonly folder: ComposeFacts;
  readonly content: Content;
}

/** A new content for it: where its bytes come from, and what approvers are told of it. */
export interface NewContent {
  readonly after: string;
  /** The file beside it that holds all of it; null when it is the file itself with `text` put in. */
  readonly from: string | null;
  readonly offset: number;
  readonly length: number;
  readonly text: string;
  readonly title: string;
  readonly effects: readonly string[];
  /** Words that validation may repeat. */
  readonly words: readonly string[];
}

/** Typed words that may be repeated when Compose complains of them. */
const WORD = /[A-Za-z0-9_-]{2,40}/g;

/**
 * The compose file that a change starts from. Refusals: those of findFile and checkRights, and precheck_failed where
 * settings wait for a redeploy of more hosts than this one.
 */
export function findCompose({ site, profile, settings, compose }: SiteFacts): Result<Found, Refusal> {
  if (compose === null) return err(refusal('internal', `nobody has looked at the compose file of ${site.name}`));
  const file = findFile(compose, compose.version);
  if (!file.ok) return file;
  const rights = checkRights(compose, file.value);
  if (!rights.ok) return rights;
  // Not where only what runs is uncertain: after a change that did not end well this is the way back.
  const wait = needsRedeploy(profile.profile, settings.runningDocument, settings.document);
  if (compose.others.length > 0 && wait)
    return err(
      refusal(
        'precheck_failed',
        `Settings of ${site.name} wait for a redeploy, which is for ${namesOf([compose.host, ...compose.others])}; this would bring them to ${compose.host.name} alone.`,
        `Send \`redeploy ${site.name}\` first${settings.running === 0 ? '' : `, or take them back: \`settings rollback ${site.name} ${settings.running}\``}.`,
      ),
    );
  const content = compose.contents.get(file.value.file.name);
  // Its size may have changed between two looks of one question.
  if (!content) return err(refusal('protocol_error', `${compose.host.name} does not say what the compose file holds.`));
  return ok({ ...file.value, folder: compose, content });
}

/**
 * The plan that puts another content into force: staged and validated by Compose itself, then swapped and applied within
 * a redeploy. Of the file the plan holds names, sums and what was typed. Pure. Refusals: those of validationOf and
 * planRedeploy, and bad_arguments where nothing would change.
 */
export function planComposeChange(
  facts: SiteFacts,
  asked: { readonly command: string; readonly args: Params; readonly backup: SafetyBackup },
  found: Found,
  fresh: NewContent,
): Result<Plan, Refusal> {
  const { site } = facts;
  const { file, folder, content, overrides } = found;
  if (fresh.after === content.sha256)
    return err(
      refusal(
        'bad_arguments',
        `${folder.path}/${file.name} holds exactly that already.`,
        `Nothing to change. \`redeploy ${site.name}\` applies what stands in the file.`,
      ),
    );
  const staged = stagedName(site.name);
  const runs = validationOf(facts, folder.version, [staged, ...overrides]);
  if (!runs.ok) return runs;
  const its = { folder: folder.path, file: file.name, staged };
  const sums = { before: content.sha256, after: fresh.after };
  const named = namedAgain(folder, site);
  const back = `compose revert ${named}`;
  const change: Change = {
    command: asked.command,
    host: folder.host,
    partial: folder.others.length > 0,
    message: 'The site is being changed and will be back soon.',
    prepare: [
      {
        step: 'compose.stage',
        title: `Write the new file beside ${file.name}`,
        params: {
          ...its,
          ...sums,
          from: fresh.from ?? '',
          offset: String(fresh.offset),
          length: String(fresh.length),
          text: fresh.text,
        },
      },
      {
        step: 'compose.validate',
        title: 'Let Compose validate the new file',
        params: {
          ...commandParams('do', { runs: runs.value, folder: folder.path }),
          words: [...new Set(fresh.words.flatMap((one) => one.match(WORD) ?? []))].slice(0, 60).join(' '),
        },
      },
    ],
    make: { step: 'compose.swap', title: fresh.title, params: { ...its, ...sums, back } },
    cleanup: {
      step: 'compose.discard',
      title: 'Remove the new file that is not in force',
      params: { ...its, before: sums.before },
    },
    effects: [...fresh.effects, ...changeInWords(found, fresh, runs.value)],
    what: `${folder.path}/${file.name}`,
    look: `compose history ${named}`,
    back,
  };
  return planRedeploy(facts, asked.args, asked.backup, change);
}

/** What every change of the file means, for those who approve it. */
function changeInWords(
  { folder, file, content, unused, overrides }: Found,
  { after }: NewContent,
  runs: readonly (readonly string[])[],
): string[] {
  return [
    `The file has the sha256 ${content.sha256} now and ${after} then; a file that is changed by anybody before the start is another plan.`,
    `The file before is kept beside it as ${file.name}.<time>-<operation>.bak with its sha256.`,
    `Validates on ${folder.host.name} before anything is touched: ${commandInWords({ runs })}`,
    ...(overrides.length === 0 ? [] : [`Compose lays ${overrides.join(', ')} over it; that stays as it is.`]),
    ...(unused.length === 0 ? [] : [`Compose takes ${file.name}, and leaves ${unused.join(', ')} beside it unused.`]),
    ...(folder.others.length === 0
      ? []
      : [
          `Only on ${folder.host.name}: ${namesOf(folder.others)} have files of their own, which stay as they are, and so do the settings.`,
        ]),
  ];
}
