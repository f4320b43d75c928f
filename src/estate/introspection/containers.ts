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
  readonly workingDir: string;
  /** First compose file of its project. */
  readonly configFile: string;
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
    const first = files.split(',')[0] ?? '';
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
      configFile: first === '' || first.startsWith('/') ? first : `${workingDir}/${first}`,
      environment: environmentOf.get(id) ?? new Map(),
    });
  }
  return { containers, unread };
}
