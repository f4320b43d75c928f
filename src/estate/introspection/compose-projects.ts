import type { ComposeFile, ComposeService } from './compose.ts';
import type { Container } from './containers.ts';
import type { FrameState } from './frames.ts';

/** What belongs to one compose project: its files, its containers, or both. */
export interface Project {
  readonly name: string;
  /** Empty when nothing says where it was made. */
  readonly dir: string;
  /** The folder was looked for and is not there any more. */
  readonly gone: boolean;
  /** Those of its files that were read. */
  readonly files: readonly ComposeFile[];
  /** All its files by their paths, also those that could not be read. */
  readonly paths: readonly string[];
  /** What its files say together: a later file adds to, and overrides, an earlier one. */
  readonly services: readonly ComposeService[];
  readonly containers: readonly Container[];
}

export const folder = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));
const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
/** The name that compose makes of a folder's; the versions differ in whether they keep dashes and underscores. */
const projectName = (dir: string): string =>
  lastPart(dir)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');

/**
 * The compose projects of a host. Containers belong together by project and folder, as their labels say, running or not;
 * a file that no container was made from is a project that was never started, or was taken down. `folders` says how the
 * look at each project's folder ended.
 */
export function projectsOf(
  files: readonly ComposeFile[],
  containers: readonly Container[],
  folders: ReadonlyMap<string, FrameState>,
): readonly Project[] {
  const groups = new Map<string, { name: string; dir: string; containers: Container[] }>();
  for (const container of containers) {
    if (container.project === '') continue;
    const dir = placeOf(container, files);
    // Labels are foreign and may hold anything.
    const key = JSON.stringify([container.project, dir]);
    const group = groups.get(key) ?? { name: container.project, dir, containers: [] };
    group.containers.push(container);
    groups.set(key, group);
  }
  const byPath = new Map(files.map((file) => [file.path, file]));
  const started = [...groups.values()].map(({ name, dir, containers: own }): Project => {
    const named = [...new Set(own.flatMap((one) => one.configFiles))];
    // Without a label that names them it is the file that compose would take there.
    const beside = files.filter((file) => folder(file.path) === dir).map((file) => file.path);
    const paths = named.length > 0 ? named : beside.slice(0, 1);
    const read = paths.flatMap((path) => byPath.get(path) ?? []);
    const gone = folders.get(dir) === 'absent' || folders.get(dir) === 'broken';
    return { name, dir, gone, files: read, paths, services: together(read), containers: own };
  });
  const taken = new Set(started.flatMap((project) => [project.dir, ...project.paths.map(folder)]));
  const idle = new Map<string, Project>();
  for (const file of files) {
    const dir = folder(file.path);
    if (taken.has(dir) || idle.has(dir)) continue;
    const own = { files: [file], paths: [file.path], services: file.services };
    idle.set(dir, { name: file.project ?? lastPart(dir), dir, gone: false, ...own, containers: [] });
  }
  return [...idle.values(), ...started];
}

/** The folder that a container was made in. Where its labels do not say, that of the one file whose folder has the project's name. */
function placeOf(container: Container, files: readonly ComposeFile[]): string {
  if (container.workingDir !== '') return container.workingDir;
  const [first] = container.configFiles;
  if (first !== undefined) return folder(first);
  const name = projectName(container.project);
  const dirs = new Set(files.map((file) => folder(file.path)).filter((dir) => projectName(dir) === name));
  const [only = ''] = dirs;
  return dirs.size === 1 ? only : '';
}

function together(files: readonly ComposeFile[]): readonly ComposeService[] {
  const services = new Map<string, ComposeService>();
  for (const one of files.flatMap((file) => file.services)) {
    const before = services.get(one.name);
    services.set(one.name, {
      name: one.name,
      image: one.image ?? before?.image ?? null,
      ports: [...new Set([...(before?.ports ?? []), ...one.ports])],
      volumes: [...new Set([...(before?.volumes ?? []), ...one.volumes])],
      environment: new Map([...(before?.environment ?? []), ...one.environment]),
      component: one.component ?? before?.component ?? null,
    });
  }
  return [...services.values()];
}

/** `running`, `2 of 3 running`, `stopped`, or `not started` when it has no container. What restarts or is paused does not run. */
export function stateOf({ containers }: Project): string {
  if (containers.length === 0) return 'not started';
  const up = containers.filter((one) => one.state !== 'exited' && one.state !== 'dead' && one.state !== 'created');
  if (up.length === 0) return 'stopped';
  const running = up.filter((one) => one.state === 'running').length;
  return running === containers.length ? 'running' : `${running} of ${containers.length} running`;
}
