import { type ComposeFile, type ComposeService, publishedPort, readCompose } from './compose.ts';
import { folder, type Project, projectsOf, stateOf } from './compose-projects.ts';
import { type Container, readContainers } from './containers.ts';
import { databaseOfEnvironment } from './database-url.ts';
import {
  composeFindings,
  containerFindings,
  engineFindings,
  fileFindings,
  missingFindings,
  projectFindings,
  unreadFinding,
} from './docker-findings.ts';
import { type Finding, unreadable } from './finding.ts';
import { type DatabaseFound, type Found, type FoundSite, known, NO_DATABASE } from './found-site.ts';
import { type Frame, ofKind } from './frames.ts';
import { readAssignments, type SystemFacts } from './system.ts';

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
    else if (frame.state === 'ok') return [readCompose(frame.name, frame.text)];
    else if (frame.state === 'cut' || frame.state === 'odd' || frame.state === 'refused')
      findings.push(unreadFinding(frame));
    return [];
  });
  const missing = ofKind(frames, 'compose-file').filter(({ state }) => state === 'absent' || state === 'broken');
  const folders = new Map(ofKind(frames, 'compose-dir').map((frame) => [frame.name, frame.state]));
  const projects = projectsOf(files, containers, folders);
  findings.push(
    ...missingFindings(missing, projects),
    ...files.flatMap(fileFindings),
    ...projects.flatMap((project) => projectFindings(project, system)),
    ...containersApart(projects, containers).flatMap(containerFindings),
  );
  const dotEnv = new Map(ofKind(frames, 'dot-env').map((frame) => [folder(frame.name), readAssignments(frame.text)]));
  const sites = projects.flatMap((project) => siteOf(project, dotEnv.get(project.dir) ?? new Map(), system));
  return { sites, findings: [...findings, ...composeFindings(sites, system)] };
}

/** Containers of which something is said one by one: that all of a project are stopped is said once. */
function containersApart(projects: readonly Project[], containers: readonly Container[]): readonly Container[] {
  const stopped = new Set(
    projects.filter((project) => stateOf(project) === 'stopped').flatMap((project) => project.containers),
  );
  return containers.filter((one) => one.state !== 'exited' || !stopped.has(one));
}

const LONGEST_SETTING = 2_000;

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

function siteOf(
  project: Project,
  dotEnv: ReadonlyMap<string, string>,
  { composePlugin, composeV1 }: SystemFacts,
): readonly FoundSite[] {
  const { services } = project;
  const onlyV1 = composePlugin === null && composeV1 !== null;
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
      finder: vendor ? 'shotgun' : onlyV1 ? 'compose-v1' : 'compose',
      label,
      siteDir: project.dir,
      environment: project.name,
      version: image === null ? null : (/:v?([0-9][^:/@]*)$/.exec(filled(image, dotEnv) ?? '')?.[1] ?? null),
      ...reached,
      ...(project.gone ? { obstacle: `The folder of the site: ${project.dir} is not there any more.` } : {}),
      settings: {
        'compose project': project.name,
        'compose state': stateOf(project),
        'compose files': project.paths
          .map((path) => (path.startsWith(`${project.dir}/`) ? path.slice(project.dir.length + 1) : path))
          .join(', '),
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
