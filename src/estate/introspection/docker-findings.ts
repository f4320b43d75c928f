import type { ComposeFile } from './compose.ts';
import { type Project, stateOf } from './compose-projects.ts';
import type { Container } from './containers.ts';
import { type Finding, word } from './finding.ts';
import type { FoundSite } from './found-site.ts';
import type { Frame } from './frames.ts';
import type { SystemFacts } from './system.ts';

/** Ports that must not answer to the whole network, and what is behind them. */
const INNER_PORTS: ReadonlyMap<string, string> = new Map([
  ['5432', 'PostgreSQL'],
  ['11211', 'memcached, which asks nobody for a password'],
  ['6379', 'Redis'],
  ['9200', 'Elasticsearch'],
]);

/** Whether the engine could be asked at all. */
export function engineFindings(
  frames: readonly Frame[],
  system: SystemFacts,
  read: { readonly unread: number } | null,
): readonly Finding[] {
  const findings: Finding[] = [];
  const client = frames.some((frame) => frame.kind === 'docker' && frame.state !== 'absent');
  if (system.dockerSocket === 'denied') {
    findings.push({
      code: 'docker_denied',
      severity: 'unknown',
      subject: '/var/run/docker.sock',
      meaning: `The container engine does not answer ${system.account}, so its containers are not known. Membership of the group docker is as much as being root there.`,
      mend: `sudo usermod -aG docker ${word(system.account)}`,
    });
  } else if (system.dockerSocket === 'ok' && !client) {
    findings.push({
      code: 'docker_client_missing',
      severity: 'unknown',
      subject: 'docker',
      meaning: 'There is a container engine, but no docker client on the PATH to ask it with.',
      mend: null,
    });
  } else if (system.dockerSocket === 'ok' && read === null) {
    findings.push({
      code: 'docker_silent',
      severity: 'unknown',
      subject: 'docker',
      meaning: 'The container engine did not answer in time, so its containers are not known.',
      mend: 'docker version',
    });
  }
  if (read !== null && system.composePlugin === null && system.composeV1 === null) {
    findings.push({
      code: 'compose_missing',
      severity: 'info',
      subject: 'docker compose',
      meaning:
        'There is an engine, but neither `docker compose` nor `docker-compose`, so that compose projects cannot be operated.',
      mend: null,
    });
  }
  if (read !== null && read.unread > 0) {
    findings.push({
      code: 'containers_unclear',
      severity: 'unknown',
      subject: 'docker ps',
      meaning: `${read.unread} lines about containers could not be understood.`,
      mend: 'docker ps -a',
    });
  }
  return findings;
}

/** A compose file that is there and was not read, or not whole: half of one would be another one. */
export function unreadFinding({ name, state }: Frame): Finding {
  const why = state === 'cut' ? 'is longer than what is read of a file' : 'is no regular file of its own';
  return {
    code: 'compose_unread',
    severity: 'unknown',
    subject: name,
    meaning: `The compose file ${name} ${why}, so nothing is known of what it says.`,
    mend: null,
  };
}

/** Compose files that the labels name and that are not there; one whose whole folder is gone is said with the folder. */
export function missingFindings(missing: readonly Frame[], projects: readonly Project[]): readonly Finding[] {
  return missing.flatMap(({ name: path }): Finding[] => {
    const project = projects.find((one) => one.paths.includes(path));
    if (project?.gone === true && path.startsWith(`${project.dir}/`)) return [];
    return [
      {
        code: 'compose_file_missing',
        severity: 'critical',
        subject: path,
        meaning: `There are containers that were made from ${path}, which is not there any more: they cannot be made again.`,
        mend: project === undefined ? null : containersOf(project),
      },
    ];
  });
}

const containersOf = (project: Project) =>
  `docker ps -a --filter ${word(`label=com.docker.compose.project=${project.name}`)}`;

/** What is wrong with a project as a whole. */
export function projectFindings(project: Project, system: SystemFacts): readonly Finding[] {
  const { name, dir, gone, containers } = project;
  const [first] = containers;
  if (first === undefined) return [];
  const findings: Finding[] = [];
  if (gone) {
    findings.push({
      code: 'project_folder_gone',
      severity: 'critical',
      subject: dir,
      meaning: `The compose project ${name} (${stateOf(project)}) was made in ${dir}, which is not there any more: it can neither be made again nor be changed.`,
      mend: containersOf(project),
    });
  } else if (dir === '') {
    findings.push({
      code: 'project_without_folder',
      severity: 'unknown',
      subject: name,
      meaning: `Nothing says in which folder the compose project ${name} was made: docker-compose before 1.25 does not write it down, and no compose file was found in a folder of that name. What is mounted may tell.`,
      mend: `docker inspect --format '{{range .Mounts}}{{println .Source}}{{end}}' ${word(first.name)}`,
    });
  }
  if (stateOf(project) === 'stopped') {
    findings.push({
      code: 'project_stopped',
      severity: 'warning',
      subject: dir || name,
      meaning: `The compose project ${name} is stopped: none of its ${containers.length} containers runs.`,
      mend: startOf(project, system),
    });
  }
  return findings;
}

function startOf({ name, dir, gone }: Project, { composePlugin, composeV1 }: SystemFacts): string | null {
  if (composePlugin !== null) return `docker compose -p ${word(name)} start`;
  // The older program wants the files as well.
  return composeV1 === null || gone || dir === '' ? null : `cd ${word(dir)} && docker-compose -p ${word(name)} start`;
}

/** What the vendor's profile calls (`docker-compose`) has to be there. */
export function composeFindings(sites: readonly FoundSite[], system: SystemFacts): readonly Finding[] {
  if (system.composeV1 !== null || system.composePlugin === null) return [];
  return sites
    .filter((site) => site.finder === 'shotgun')
    .map(({ label, siteDir }) => ({
      code: 'compose_v1_missing',
      severity: 'warning',
      subject: siteDir,
      meaning: `The profile of ${label} calls \`docker-compose\`, and this host has only \`docker compose\`: its commands will not be found.`,
      mend: null,
    }));
}

/** What is wrong with a compose file. */
export function fileFindings(file: ComposeFile): readonly Finding[] {
  const findings: Finding[] = [];
  const at = (code: string, severity: Finding['severity'], meaning: string, mend: string | null): void => {
    findings.push({ code, severity, subject: file.path, meaning, mend });
  };
  if (file.problem !== null)
    at(
      'compose_unclear',
      'warning',
      `The compose file could not be understood: ${file.problem}.`,
      `docker compose -f ${word(file.path)} config -q`,
    );
  for (const service of file.services) {
    for (const port of service.ports) {
      const inner = /^(?:(.+):)?\d+:(\d+)(?:\/tcp)?$/.exec(port);
      const what = INNER_PORTS.get(inner?.[2] ?? '');
      if (what !== undefined && !/^(?:127\.|localhost$|\[?::1)/.test(inner?.[1] ?? ''))
        at(
          'port_open',
          'warning',
          `The service ${service.name} opens ${what}, to every network of the host (ports: ${port}).`,
          `sudoedit -- ${word(file.path)}`,
        );
    }
    if (service.volumes.some((volume) => volume.includes('docker.sock')))
      at(
        'socket_mounted',
        'warning',
        `The service ${service.name} has the engine’s socket, so whoever breaks into it is root on the host.`,
        null,
      );
    if (service.image !== null && !service.image.includes('@') && !/:(?!latest$)[^/:]+$/.test(service.image))
      at(
        'image_not_pinned',
        'info',
        `The service ${service.name} uses ${service.image}, which may be another program tomorrow: there is nothing to go back to.`,
        null,
      );
  }
  return findings;
}

/** What is wrong with a container. */
export function containerFindings(container: Container): readonly Finding[] {
  const { name, project, component, state, ports } = container;
  if (project === '' && component === '') return [];
  const findings: Finding[] = [];
  for (const [, inner = ''] of ports.matchAll(/(?:0\.0\.0\.0|\[?::\]?):\d+->(\d+)\/tcp/g)) {
    const what = INNER_PORTS.get(inner);
    if (what === undefined || findings.some((one) => one.meaning.includes(what))) continue;
    findings.push({
      code: 'port_open',
      severity: 'warning',
      subject: name,
      meaning: `The container ${name} opens ${what}, to every network of the host (${ports}).`,
      mend: null,
    });
  }
  if (state !== 'running' && state !== 'created') {
    findings.push({
      code: 'container_down',
      severity: state === 'exited' ? 'warning' : 'critical',
      subject: name,
      meaning: `The container ${name} of the project ${project || 'without a name'} is ${state}.`,
      mend: `docker logs --tail 50 ${word(name)}`,
    });
  }
  return findings;
}
