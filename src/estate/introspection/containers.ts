import { z } from 'zod';
import { type Frame, textOf } from './frames.ts';

/** A container as the engine tells of it; all texts are foreign. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** `running`, `exited`, `restarting`, … */
  readonly state: string;
  readonly ports: string;
  /** The label `com.shotgunsoftware.component`; empty without one. */
  readonly component: string;
  readonly project: string;
  readonly service: string;
  /** Empty where compose did not write it down: before 1.25. */
  readonly workingDir: string;
  /** The compose files of its project, whole paths, in the order in which they count. */
  readonly configFiles: readonly string[];
  /** Settings of its environment that may be told. */
  readonly environment: ReadonlyMap<string, string>;
}

const line = z.tuple([
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
  z.string(),
]);

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** `"id"` lines, each followed by the `"KEY=value"` lines of that container. */
function environments(text: string | null): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const all = new Map<string, Map<string, string>>();
  let own = new Map<string, string>();
  for (const row of (text ?? '').split('\n')) {
    const value = json(row);
    if (typeof value !== 'string') continue;
    const at = value.indexOf('=');
    if (at < 0) {
      own = new Map();
      all.set(value, own);
    } else if (value.slice(at + 1) !== 'MASKED') own.set(value.slice(0, at), value.slice(at + 1));
  }
  return all;
}

/**
 * Compose files by the label that names them. docker-compose v1 writes them as they were typed, seen from where that was;
 * the first of them lies in the project's folder, which tells that place. The look script does the same.
 */
export function wholePaths(workingDir: string, label: string): readonly string[] {
  const paths = label.split(',').filter((path) => path !== '');
  const first = paths[0] ?? '';
  const below = first.startsWith('/') || !first.includes('/') ? '' : `/${first.slice(0, first.lastIndexOf('/'))}`;
  const typedAt = workingDir.endsWith(below) ? workingDir.slice(0, workingDir.length - below.length) : workingDir;
  return paths.flatMap((path) => (path.startsWith('/') ? [path] : workingDir === '' ? [] : [`${typedAt}/${path}`]));
}

/** The containers, or null when the engine could not be asked. Lines that are not understood are counted. */
export function readContainers(
  frames: readonly Frame[],
): { readonly containers: readonly Container[]; readonly unread: number } | null {
  const frame = frames.find((one) => one.kind === 'containers');
  if (frame?.state !== 'ok') return null;
  const environmentOf = environments(textOf(frames, 'container-env'));
  const containers: Container[] = [];
  let unread = 0;
  for (const row of frame.text.split('\n').filter((one) => one.trim() !== '')) {
    const read = line.safeParse(json(row));
    if (!read.success) {
      unread += 1;
      continue;
    }
    const [id, name, image, state, ports, component, project, service, workingDir, files] = read.data;
    containers.push({
      id,
      name,
      image,
      state,
      ports,
      component,
      project,
      service,
      workingDir,
      configFiles: wholePaths(workingDir, files),
      environment: environmentOf.get(id) ?? new Map(),
    });
  }
  return { containers, unread };
}
