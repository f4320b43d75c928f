import { readPort } from './database-url.ts';
import { asMap, asText, asTexts, readYaml } from './yaml-document.ts';

/** One service of a compose file. */
export interface ComposeService {
  readonly name: string;
  readonly image: string | null;
  /** As written: `80:80`, `127.0.0.1:5432:5432/tcp`. */
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
  /** Values that may be told; a masked one is present with null. */
  readonly environment: ReadonlyMap<string, string | null>;
  /** The value of the label `com.shotgunsoftware.component`. */
  readonly component: string | null;
}

export interface ComposeFile {
  readonly path: string;
  /** Its `name:`, which newer versions of compose use for the project. */
  readonly project: string | null;
  readonly services: readonly ComposeService[];
  readonly problem: string | null;
}

/** A mapping or a list of `KEY=value`, as compose allows both. */
function pairs(value: unknown): ReadonlyMap<string, string | null> {
  if (!Array.isArray(value)) return new Map(Object.entries(asMap(value)).map(([key, one]) => [key, asText(one)]));
  return new Map(
    value.flatMap((one): [string, string | null][] => {
      const text = asText(one);
      if (text === null) return [];
      const at = text.indexOf('=');
      return at < 1 ? [[text, null]] : [[text.slice(0, at), asText(text.slice(at + 1))]];
    }),
  );
}

/** Reads a compose file that has passed the host's filter; a file that is no such thing has a `problem`. Never throws. */
export function readCompose(path: string, text: string): ComposeFile {
  const read = readYaml(text);
  if ('problem' in read) return { path, project: null, services: [], problem: read.problem };
  const services = Object.entries(asMap(read.map.services)).map(([name, value]): ComposeService => {
    const service = asMap(value);
    return {
      name,
      image: asText(service.image),
      ports: asTexts(service.ports),
      volumes: asTexts(service.volumes),
      environment: pairs(service.environment),
      component: pairs(service.labels).get('com.shotgunsoftware.component') ?? null,
    };
  });
  return {
    path,
    project: asText(read.map.name),
    services,
    problem: services.length === 0 ? 'it has no services' : null,
  };
}

/** The host's side of a published port, for the container's port; null when it is not published as a plain number. */
export function publishedPort(
  service: ComposeService,
  inside: number,
): { readonly address: string; readonly port: number } | null {
  for (const text of service.ports) {
    const match = /^(?:(.+):)?(\d{1,5}):(\d{1,5})(?:\/tcp)?$/.exec(text);
    const port = readPort(match?.[2] ?? null);
    if (match && port !== null && Number(match[3]) === inside) return { address: match[1] ?? '0.0.0.0', port };
  }
  return null;
}
