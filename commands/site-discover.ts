import { z } from 'zod';
import { findCluster, hostsOfCluster } from '../src/estate/estate.ts';
import type { Candidate } from '../src/estate/introspection/candidate.ts';
import { factsOf } from '../src/estate/introspection/facts.ts';
import { clusterFindings, type HostFinds, newCandidates } from '../src/estate/introspection/find-sites.ts';
import { bySeverity } from '../src/estate/introspection/finding.ts';
import { name, type SiteDocument } from '../src/estate/types.ts';
import { canonicalJson } from '../src/kernel/canonical.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err, ok } from '../src/kernel/result.ts';
import { lookAtHost } from '../src/operations/host-facts.ts';
import { type Part, type Span, text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { candidatesYaml, discoveryFile, findingPart, type Located, short } from './contract/finding-words.ts';
import { parseLine } from './contract/line.ts';
import { typedAgain } from './contract/typed.ts';
import { command as siteAdd } from './site-add.ts';

/** So much is told in the message; all of it is in the file. */
const MOST_FINDINGS = 12;
const MOST_SITES = 10;
const LONGEST_YAML = 2_500;

function hostLine(finds: HostFinds): Span[] {
  const { os, kernel, postgresServers, docker } = finds.system;
  const known = [
    os?.name,
    kernel,
    postgresServers.length > 0 ? `PostgreSQL ${postgresServers.join(', ')}` : null,
    docker && `Docker ${docker}`,
  ];
  return [
    known.filter((one) => typeof one === 'string' && one !== '').join(', ') || 'UNKNOWN',
    `; ${finds.sites.length} sites`,
  ];
}

function more(count: number, what: string): readonly Part[] {
  return count > 0 ? [text(`… and ${count} more ${what} in the file.`)] : [];
}

/** The candidate as a command that adds it, with all that has no default; null for names that cannot be typed there. */
function siteAddLine({ name: site, database, ...document }: SiteDocument): string | null {
  const { host, environment, site_dir, version, profile } = document;
  const args = {
    site,
    host,
    environment,
    site_dir,
    version,
    profile,
    'database.host': database.host,
    'database.port': String(database.port),
    'database.name': database.name,
    'database.user': database.user,
  };
  const line = typedAgain(siteAdd, args);
  // What keyboards put in place of plain characters is turned back when it is typed: such a name would become another line.
  const read = parseLine(line, [siteAdd], '');
  return read.ok && canonicalJson(read.value.args) === canonicalJson(args) ? line : null;
}

function candidatePart(candidate: Candidate, slash: string): Part {
  const { found, document, host, assumed, missing } = candidate;
  const how: readonly Span[] =
    document === null
      ? [{ strong: 'incomplete' }, `: ${short(missing.join(' '))}`]
      : [`${document.environment}, database `, { code: `${document.database.name} on ${document.database.host}` }];
  const line = document === null ? null : siteAddLine(document);
  const notes = assumed.length === 0 ? '' : `\nTaken for granted: ${assumed.join(' ')}`;
  return {
    kind: 'text',
    text: [
      { strong: short(document?.name ?? found.label) },
      ` (${found.finder}, ${host}, `,
      { code: short(found.siteDir) || 'no folder' },
      ') ',
      ...how,
      notes,
      ...(line === null ? [] : ['\nTo add it: ', { code: `${slash} ${line}` }]),
      document !== null && line === null ? '\nIts folder has characters that cannot be typed: add it by the file.' : '',
    ],
  };
}

export const command = question({
  name: 'site discover',
  summary:
    'Look at every host of a cluster for sites, and for what would stop them from being operated. Changes nothing there.',
  fields: [{ key: 'cluster', label: 'cluster', of: 'cluster', required: true }],
  roles: ['operator'],
  area: 'estate',
  args: z.strictObject({ cluster: name }),
  answer: async ({ cluster }, context) => {
    const found = findCluster(context.estate, cluster);
    if (!found.ok) return found;
    const hosts = hostsOfCluster(context.estate, cluster);
    if (hosts.length === 0)
      return err(refusal('unknown_host', `The cluster ${cluster} has no host to look at.`, 'Add one with `host add`.'));
    const looks = await Promise.all(
      hosts.map(async (host) => {
        const look = await lookAtHost(context.hosts, host, 'all');
        if (look.ok) await context.hostFacts.note(host.name, factsOf(look.value), context.asker.person);
        return { host, look };
      }),
    );
    const finds = looks.flatMap(({ look }) => (look.ok ? [look.value] : []));
    const { fresh, present } = newCandidates(context.estate, finds);
    const located: Located[] = [
      ...looks.flatMap(({ host, look }): Located[] =>
        look.ok
          ? look.value.findings.map((finding) => ({ where: host.name, finding }))
          : [
              {
                where: host.name,
                finding: {
                  code: look.error.code,
                  severity: 'unknown',
                  subject: host.name,
                  meaning: `Nothing is known of it: ${look.error.message} ${look.error.next}`,
                  mend: null,
                },
              },
            ],
      ),
      ...clusterFindings(finds).map((finding) => ({ where: cluster, finding })),
    ];
    const order = bySeverity(located.map((one) => one.finding));
    const findings = located.toSorted((left, right) => order.indexOf(left.finding) - order.indexOf(right.finding));
    const yaml = candidatesYaml(found.value, hosts, fresh);
    const bad = findings.filter((one) => one.finding.severity === 'critical').length;
    const sites = finds.reduce((sum, one) => sum + one.sites.length, 0);
    const summary = `${cluster}: ${finds.length} of ${hosts.length} hosts told of ${sites} sites, ${fresh.length} of them new; ${findings.length} findings, ${bad} critical.`;
    const file = `${cluster}-sites.yml`;
    const save: readonly Part[] =
      yaml === null
        ? []
        : [
            text(
              'To save them all at once, check the file in your direct messages with me, then ',
              { code: `twokey estate import ${file}` },
              '.',
            ),
          ];
    const shown: readonly Part[] = yaml !== null && yaml.length <= LONGEST_YAML ? [{ kind: 'log', text: yaml }] : [];
    const parts: readonly Part[] = [
      text(summary, ' Nothing was changed there.'),
      {
        kind: 'fields',
        rows: looks.map(({ host, look }) => ({
          label: host.name,
          value: look.ok ? hostLine(look.value) : [`UNKNOWN: ${look.error.message}`],
        })),
      },
      ...fresh.slice(0, MOST_SITES).map((one) => candidatePart(one, context.config.slack.command)),
      ...more(fresh.length - MOST_SITES, 'sites'),
      ...(present.length > 0 ? [text(`Already in the estate: ${short(present.join(', '))}.`)] : []),
      ...save,
      ...findings.slice(0, MOST_FINDINGS).map(({ where, finding }) => findingPart(finding, where)),
      ...more(findings.length - MOST_FINDINGS, 'findings'),
      ...shown,
    ];
    return ok({ summary, parts, file: { name: file, text: discoveryFile(found.value, hosts, findings, fresh) } });
  },
});
