import { z } from 'zod';
import type { Profile } from '../src/estate/profile.ts';
import { coverageOf } from '../src/estate/profile-coverage.ts';
import { findProfile } from '../src/estate/profile-load.ts';
import { name } from '../src/estate/types.ts';
import { ok } from '../src/kernel/result.ts';
import { type Part, text } from './contract/answer.ts';
import { question } from './contract/command.ts';

function settingRow([key, setting]: [string, Profile['settings'][string]]): [string, string] {
  const about = [
    setting.type,
    ...(setting.advanced ? ['advanced'] : []),
    ...(setting.secret ? ['secret'] : []),
    setting.default === undefined ? 'has to be set' : `default ${setting.default}`,
  ];
  return [key, `${setting.description} (${about.join(', ')})`];
}

function maintenanceInWords({ maintenance: { none, modes } }: Profile): string {
  return none === undefined ? modes.map((mode) => `${mode.name} (users: ${mode.users})`).join(', ') : `none: ${none}`;
}

/** Sentences wrap, so they are a list of labels and not a table. */
function list(title: string, rows: readonly (readonly [string, string])[]): Part[] {
  if (rows.length === 0) return [];
  return [
    { kind: 'heading', text: title },
    { kind: 'fields', rows: rows.map(([label, value]) => ({ label, value: [value] })) },
  ];
}

export const command = question({
  name: 'profile show',
  summary: 'Show a profile: services, commands, maintenance, what is backed up how, upgrade path, checklist, settings.',
  fields: [{ key: 'name', label: 'profile', of: 'text', required: true, hint: 'as `profiles` lists it' }],
  about: 'nothing',
  args: z.strictObject({ name }),
  answer: async (args, { profiles }) => {
    const found = findProfile(profiles, args.name);
    if (!found.ok) return found;
    const { profile, origin } = found.value;
    const { services, set, notSet, datastores, path, trim } = coverageOf(profile);
    const missing = notSet.length === 0 ? 'every command is set' : `${notSet.length} commands are not set`;
    return ok({
      summary: `${profile.name} (${profile.title}): ${missing}.`,
      parts: [
        {
          kind: 'fields',
          rows: [
            { label: 'Profile', value: [{ strong: profile.name }, ` ${profile.title}`] },
            {
              label: 'Made by',
              value: [
                origin === 'own' ? 'you' : 'Twokey',
                profile.extends === undefined ? '' : `, from ${profile.extends}`,
              ],
            },
            { label: 'Services', value: [services.join(', ') || 'none named'] },
            {
              label: 'Maintenance',
              value: [maintenanceInWords(profile)],
            },
            { label: 'Commands set', value: [set.join(', ') || 'none'] },
            { label: 'Upgrade path', value: [path] },
            { label: 'Staging first', value: [profile.upgrade.staging_first ? 'yes' : 'no'] },
            { label: 'Trim', value: [trim] },
          ],
        },
        ...list(
          'Not set',
          notSet.map(({ place, note }) => [place, note]),
        ),
        ...(notSet.length === 0
          ? []
          : [text('Set them from your vendor’s documentation in a profile of yours; docs/profiles.md shows how.')]),
        ...list(
          'Data, and how it is backed up',
          datastores.map((one) => [one.name, one.backup]),
        ),
        ...list(
          'Test sign-off',
          profile.signoff.map((one) => [one.name, one.title]),
        ),
        ...list(
          'Not done here',
          profile.excluded_ops.map((one) => [one.command, one.reason]),
        ),
        ...list('Settings', Object.entries(profile.settings).map(settingRow)),
      ],
    });
  },
});
