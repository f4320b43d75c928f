import { type ComposeFile, type ComposeService, publishedPort, readCompose } from './compose.ts';
import { type Container, readContainers } from './containers.ts';
import { databaseOfEnvironment } from './database-url.ts';
import { containerFindings, engineFindings, fileFindings } from './docker-findings.ts';
import { type Finding, unreadable, word } from './finding.ts';
import { type DatabaseFound, type Found, type FoundSite, known, NO_DATABASE } from './found-site.ts';
import { type Frame, ofKind } from './frames.ts';
import { readAssignments, type SystemFacts } from './system.ts';

/** What belongs to one compose project: its file, its running containers, or both. */
interface Project {
  readonly name: string;
  readonly dir: string;
  readonly file: ComposeFile | null;
  readonly containers: readonly Container[];
}

/**
 * Sites that run as compose projects. One with a container or a service that carries the label
 * `com.shotgunsoftware.component` is the vendor's (finder `shotgun`), any other with a database is a plain one.
 */
export function findDockerSites(frames: readonly Frame[], system: SystemFacts): Found {
  const read = readContainers(frames);
  const containers = read?.containers ?? [];
  const findings: Finding[] = [...engineFindings(frames, system, read)];
  const files = ofKind(frames, 'compose-file').flatMap((frame): ComposeFile[] => {
    if (frame.state === 'denied') findings.push(unreadable(frame.name, system.account, 'The compose file'));
    else if (frame.state === 'absent' || frame.state === 'broken') {
      findings.push({
        code: 'compose_file_missing',
        severity: 'critical',
        subject: frame.name,
        meaning: `Containers run that were made from ${frame.name}, which is not there any more: they cannot be made again.`,
        mend: `docker ps -a --filter label=com.docker.compose.project.config_files=${word(frame.name)}`,
      });
    } else if (frame.state === 'ok') return [readCompose(frame.name, frame.text)];
    return [];
  });
  findings.push(...files.flatMap(fileFindings), ...containers.flatMap(containerFindings));
  const dotEnv = new Map(ofKind(frames, 'dot-env').map((frame) => [folder(frame.name), readAssignments(frame.text)]));
  const sites = projectsOf(files, containers).flatMap((project) =>
    siteOf(project, dotEnv.get(project.dir) ?? new Map()),
  );
  return { sites, findings };
}

const LONGEST_SETTING = 2_000;

const folder = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf('/')));
const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function projectsOf(files: readonly ComposeFile[], containers: readonly Container[]): readonly Project[] {
  const projects = new Map<string, Project>();
  for (const file of files) {
    const dir = folder(file.path);
    if (!projects.has(dir)) projects.set(dir, { name: file.project ?? lastPart(dir), dir, file, containers: [] });
  }
  for (const container of containers) {
    if (container.project === '') continue;
    const dir = container.workingDir || folder(container.configFile || '/');
    const found = projects.get(dir);
    projects.set(dir, {
      name: container.project,
      dir,
      file: found?.file ?? null,
      containers: [...(found?.containers ?? []), container],
    });
  }
  return [...projects.values()];
}

/** `${NAME}`, `${NAME:-default}` and `$NAME`, as compose fills them in from the file `.env`; null when one is not known. */
function filled(text: string, dotEnv: ReadonlyMap<string, string>): string | null {
  // No setting is so long, and one brace after another that nothing closes would be searched from each of them.
  if (text.length > LONGEST_SETTING) return null;
  let whole = true;
  const result = text.replaceAll(
    /\$(?:\{([A-Za-z_]\w*)(?::?-([^}]*))?\}|([A-Za-z_]\w*))/g,
    (_all, braced?: string, other?: string, bare?: string) => {
      const value = dotEnv.get(braced ?? bare ?? '') || other;
      if (value === undefined || value === 'MASKED') whole = false;
      return value ?? '';
    },
  );
  return whole ? result : null;
}

function siteOf(project: Project, dotEnv: ReadonlyMap<string, string>): readonly FoundSite[] {
  const services = project.file?.services ?? [];
  const component = (one: { readonly component: string | null }) => one.component !== null && one.component !== '';
  const vendor = services.some(component) || project.containers.some(component);
  const variables = new Map<string, string>();
  for (const service of services) {
    for (const [key, value] of service.environment) {
      const told = value === null ? null : filled(value, dotEnv);
      if (told !== null && !variables.has(key)) variables.set(key, told);
    }
  }
  // What runs is truer than what is written.
  for (const container of project.containers)
    for (const [key, value] of container.environment) variables.set(key, value);
  const found = databaseOfEnvironment(variables);
  const server = services.find((service) => isPostgres(service.image)) ?? null;
  if (!vendor && found === null && server === null) return [];
  const reached = reach(found ?? NO_DATABASE, services, project.containers, server);
  const app = (which: (image: string, name: string) => boolean) =>
    project.containers.find((one) => which(one.image, one.component || one.service))?.image ??
    services.find((one) => one.image !== null && which(one.image, one.component ?? one.name))?.image;
  const image = app((_image, name) => /^(?:app|web)$/.test(name)) ?? app((one) => !isInfrastructure(one)) ?? null;
  const url = variables.get('SHOTGUN_SITE_URL') ?? variables.get('SITE_URL');
  const label = url === undefined ? project.name : (/^(?:https?:\/\/)?([^/:]+)/.exec(url)?.[1] ?? project.name);
  return [
    {
      finder: vendor ? 'shotgun' : 'compose',
      label,
      siteDir: project.dir,
      environment: project.name,
      version: image === null ? null : (/:v?([0-9][^:/@]*)$/.exec(filled(image, dotEnv) ?? '')?.[1] ?? null),
      ...reached,
      settings: {
        'compose project': project.name,
        'compose services': [
          ...new Set([...services.map((one) => one.name), ...project.containers.map((one) => one.service)]),
        ]
          .sort()
          .join(', '),
        ...Object.fromEntries(services.map((one) => [`image of ${one.name}`, one.image ?? 'built there'])),
        ...Object.fromEntries(services.map((one) => [`ports of ${one.name}`, one.ports.join(', ')])),
        ...Object.fromEntries(
          services.map((one) => [`environment keys of ${one.name}`, [...one.environment.keys()].sort().join(', ')]),
        ),
        ...known({ 'site url': url ?? null }),
      },
    },
  ];
}

const isPostgres = (image: string | null): boolean =>
  image !== null && /(?:^|\/)(?:postgres|postgresql|postgis|pgvector)(?:[:@]|$)/.test(image);
const isInfrastructure = (image: string): boolean =>
  /(?:^|\/)(?:postgres|postgresql|postgis|redis|memcached|nginx|traefik|haproxy|rabbitmq|elasticsearch|mailhog)(?:[:@]|$)/.test(
    image,
  );

/** Where the database answers as seen from the host: a service's name means nothing outside its network. */
function reach(
  found: DatabaseFound,
  services: readonly ComposeService[],
  containers: readonly Container[],
  server: ComposeService | null,
): { readonly database: DatabaseFound; readonly databaseProblem: string | null } {
  const inside = services.find((service) => service.name === found.host) ?? (found.host === null ? server : null);
  if (!inside) {
    const isService = containers.some((one) => one.service === found.host && found.host !== null);
    if (!isService) return { database: found, databaseProblem: null };
  }
  const published = inside ? publishedPort(inside, found.port ?? 5432) : null;
  const image = inside?.environment;
  const database = {
    host: published ? '127.0.0.1' : null,
    port: published?.port ?? null,
    name: found.name ?? image?.get('POSTGRES_DB') ?? image?.get('POSTGRES_USER') ?? null,
    user: found.user ?? image?.get('POSTGRES_USER') ?? null,
  };
  return {
    database,
    databaseProblem: published
      ? null
      : `The database is in the container ${inside?.name ?? found.host}, which no port of the host leads to.`,
  };
}
