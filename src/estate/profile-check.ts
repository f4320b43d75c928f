import { serves } from './estate.ts';
import { checkValue, parameterInWords, problemsOfParameter } from './parameter.ts';
import type { Profile, ProfileCommand } from './profile.ts';
import { commandSlots, LAYOUT_FOLDERS, layoutSlots, siteSlots } from './profile-slots.ts';
import { problemOfPattern } from './release-name.ts';
import { problemsOfArgv, problemsOfText, type Slots, slotsIn } from './template.ts';
import { problemsOfPath } from './upgrade-path.ts';
import { WEB_HEAD } from './web-heads.ts';

/** Something wrong in a profile, with the place in the document. */
export interface Problem {
  readonly at: readonly (string | number)[];
  readonly message: string;
}
type At = Problem['at'];

const textProblems = (at: At, template: string, slots: Slots): Problem[] =>
  problemsOfText(template, slots).map((message) => ({ at, message }));

const argvProblems = (at: At, argv: readonly string[], slots: Slots): Problem[] =>
  problemsOfArgv(argv, slots).map(({ index, message }) => ({ at: [...at, index], message }));

/** A v1 profile calls `docker-compose`, a v2 profile `docker compose`: the other may not be there. */
function composeProblem(profile: Profile, at: At, argv: readonly string[]): Problem[] {
  const version = profile.compose?.version;
  const used = argv[0] === 'docker-compose' ? 'v1' : argv[0] === 'docker' && argv[1] === 'compose' ? 'v2' : version;
  return used === version
    ? []
    : [
        {
          at,
          message: `this calls Compose ${used}, and \`compose.version\` ${version === undefined ? 'is not said' : `is ${version}`}`,
        },
      ];
}

function commandProblems(profile: Profile, at: At, command: ProfileCommand): Problem[] {
  const slots = commandSlots(profile, command);
  const problems = Object.entries(command.parameters).flatMap(([name, parameter]): Problem[] => {
    const place = [...at, 'parameters', name];
    return [
      ...problemsOfParameter(parameter).map((message) => ({ at: place, message })),
      ...(siteSlots(profile).has(name)
        ? [{ at: place, message: `"${name}" already means something of the site` }]
        : []),
      ...(command.run !== null && !slotsIn(command.run.flat()).includes(name)
        ? [{ at: place, message: `the parameter {${name}} is not used` }]
        : []),
    ];
  });
  for (const [index, argv] of (command.run ?? []).entries())
    problems.push(
      ...argvProblems([...at, 'run', index], argv, slots),
      ...composeProblem(profile, [...at, 'run', index], argv),
    );
  if (command.in !== undefined) problems.push(...textProblems([...at, 'in'], command.in, slots));
  if (!isHeld(profile, command.on))
    problems.push({ at: [...at, 'on'], message: `"${command.on}" is not among this profile’s \`roles\`` });
  return problems;
}

/** Whether hosts of the profile may have what a command is addressed to. */
function isHeld(profile: Profile, on: ProfileCommand['on']): boolean {
  if (on === undefined) return true;
  return on === WEB_HEAD ? serves(profile) : profile.roles.includes(on);
}

/** Every command of a profile with its place: the named ones, the tasks, the modes, the probe and the hooks. */
export function commandsOf(profile: Profile): readonly { readonly at: At; readonly command: ProfileCommand }[] {
  return [
    ...Object.entries(profile.commands).flatMap(([key, command]) =>
      command === undefined ? [] : [{ at: ['commands', key], command }],
    ),
    ...Object.entries(profile.tasks).map(([key, command]) => ({ at: ['tasks', key], command })),
    ...maintenanceCommands(profile),
    ...profile.post_sync_hooks.map((hook, index) => ({
      at: ['post_sync_hooks', index, 'command'],
      command: hook.command,
    })),
  ];
}

/** Without maintenance, what an extended profile says of it does not count. */
function maintenanceCommands({ maintenance: { none, modes, probe } }: Profile) {
  if (none !== undefined) return [];
  const entered = modes.map((mode, index) => ({
    at: ['maintenance', 'modes', index, 'enter'],
    command: mode.enter,
  }));
  return probe === undefined ? entered : [...entered, { at: ['maintenance', 'probe'], command: probe }];
}

function doubled(at: string, key: string, names: readonly string[]): Problem[] {
  return names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [{ at: [...at.split('.'), index, key], message: `"${name}" stands here twice` }],
  );
}

function serviceProblems(profile: Profile): Problem[] {
  const slots = siteSlots(profile);
  return profile.services.flatMap((service, index): Problem[] => {
    const at = ['services', index];
    const { unit, probe } = service;
    const problems: Problem[] = [];
    if (!profile.roles.includes(service.role))
      problems.push({ at: [...at, 'role'], message: `"${service.role}" is not among this profile’s \`roles\`` });
    if (service.kind === 'compose' && profile.compose === undefined)
      problems.push({ at: [...at, 'kind'], message: 'a service of Compose needs the section `compose`' });
    if (service.kind === 'command' && profile.commands.service_status === undefined)
      problems.push({ at: [...at, 'kind'], message: 'a service of this kind needs `commands.service_status`' });
    if (unit !== undefined) problems.push(...textProblems([...at, 'unit'], unit, slots));
    if (probe?.http !== undefined) problems.push(...textProblems([...at, 'probe', 'http'], probe.http, slots));
    if (probe?.tcp !== undefined) problems.push(...textProblems([...at, 'probe', 'tcp'], probe.tcp, slots));
    if (probe?.command !== undefined)
      problems.push(
        ...argvProblems([...at, 'probe', 'command'], probe.command, slots),
        ...composeProblem(profile, [...at, 'probe', 'command'], probe.command),
      );
    return problems;
  });
}

function settingProblems(profile: Profile): Problem[] {
  const own = siteSlots({ settings: {} });
  return Object.entries(profile.settings).flatMap(([key, setting]): Problem[] => {
    const at = ['settings', key];
    const problems = problemsOfParameter(setting).map((message): Problem => ({ at, message }));
    if (own.has(key)) problems.push({ at, message: `"${key}" already means something of the site` });
    if (setting.secret && setting.default !== undefined)
      problems.push({ at: [...at, 'default'], message: 'a secret has no default' });
    else if (setting.default !== undefined && !checkValue(key, setting, setting.default).ok)
      problems.push({ at: [...at, 'default'], message: `it has to be ${parameterInWords(setting)}` });
    return problems;
  });
}

function layoutProblems(profile: Profile): Problem[] {
  return LAYOUT_FOLDERS.flatMap((key) => {
    const template = profile.layout[key];
    return template === null ? [] : textProblems(['layout', key], template, layoutSlots(profile, key));
  });
}

function datastoreProblems(profile: Profile): Problem[] {
  return profile.datastores.flatMap(({ backup }, index): Problem[] => {
    const at = ['datastores', index, 'backup'];
    if (backup.command !== undefined && profile.commands[backup.command] === undefined)
      return [{ at: [...at, 'command'], message: `there is no command "${backup.command}"` }];
    return backup.path === undefined ? [] : textProblems([...at, 'path'], backup.path, siteSlots(profile));
  });
}

function maintenanceProblems({ maintenance: { none, modes, probe } }: Profile): Problem[] {
  if (none !== undefined) return [];
  const open = modes.filter((mode) => mode.users === 'work').length;
  const at = ['maintenance', 'modes'];
  if (open !== 1) return [{ at, message: `exactly one mode lets users work; here ${open} do` }];
  if (modes.length < 2) return [{ at, message: 'a mode is missing in which users do not work; or say `none` and why' }];
  return probe === undefined ? [{ at: ['maintenance', 'probe'], message: 'it is missing' }] : [];
}

/** What a schema cannot see: everything that refers to something else in the profile. Empty when all of it fits. */
export function problemsOfProfile(profile: Profile): readonly Problem[] {
  const slots = siteSlots(profile);
  return [
    ...layoutProblems(profile),
    ...settingProblems(profile),
    ...commandsOf(profile).flatMap(({ at, command }) => commandProblems(profile, at, command)),
    ...serviceProblems(profile),
    ...maintenanceProblems(profile),
    ...datastoreProblems(profile),
    ...doubled(
      'services',
      'name',
      profile.services.map((one) => one.name),
    ),
    ...doubled(
      'datastores',
      'name',
      profile.datastores.map((one) => one.name),
    ),
    ...doubled(
      'maintenance.modes',
      'name',
      profile.maintenance.modes.map((one) => one.name),
    ),
    ...doubled(
      'signoff',
      'name',
      profile.signoff.map((one) => one.name),
    ),
    ...doubled(
      'post_sync_hooks',
      'name',
      profile.post_sync_hooks.map((one) => one.name),
    ),
    ...problemsOfPath(profile.upgrade.path ?? []).map(({ at, message }) => ({
      at: ['upgrade', 'path', ...at],
      message,
    })),
    ...profile.releases.flatMap(({ pattern }, index) => {
      const message = problemOfPattern(pattern);
      return message === null ? [] : [{ at: ['releases', index, 'pattern'], message }];
    }),
    ...(profile.compose === undefined ? [] : textProblems(['compose', 'folder'], profile.compose.folder, slots)),
    ...(profile.db.service === undefined ? [] : textProblems(['db', 'service'], profile.db.service, slots)),
    ...profile.single_instance_jobs.flatMap(({ trace }, index) =>
      trace === undefined ? [] : textProblems(['single_instance_jobs', index, 'trace'], trace, slots),
    ),
  ];
}
