import { z } from 'zod';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { type EstateDocument, hostDocument, siteDocument } from '../types.ts';
import { hostOf } from './known-host.ts';
import { inQuotes } from './names.ts';
import type { SecCluster, SecNode } from './sec-cluster.ts';

/** What a person adds to a file that does not say it. */
export interface SecAnswers {
  /** Addresses by the host's name in the estate. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly user?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Name of the site; the cluster's when absent. */
  readonly site?: string | undefined;
  readonly main?: string | undefined;
  readonly environment?: string | undefined;
  readonly siteDir?: string | undefined;
  readonly version?: string | undefined;
  readonly dbHost?: string | undefined;
  readonly dbName?: string | undefined;
  readonly dbUser?: string | undefined;
}

/** An option of the command line with what to write, as far as that is known. */
export interface Missing {
  readonly option: string;
  readonly value: string;
  readonly why: string;
}

/** What a file and the answers make of the estate. */
export interface SecEstate {
  /** Null while a host lacks something: a host without an address is none. */
  readonly cluster: EstateDocument['clusters'][number] | null;
  readonly missingOfHosts: readonly Missing[];
  /** Empty once the site can be written too. */
  readonly missingOfSite: readonly Missing[];
}

/** Where the vendor's Docker edition lies by default, as its profile says it. */
const USUAL_FOLDER = '/opt/shotgun/se';

function addressOf(node: SecNode, answers: SecAnswers, before: EstateDocument): string | undefined {
  const given = answers.addresses.get(node.host);
  if (given !== undefined) return given;
  return node.place.kind === 'address' ? node.place.address : hostOf(before, node.host)?.host.address;
}

function whyAddress({ title, place }: SecNode): string {
  return place.kind === 'console'
    ? `the node ${inQuotes(title)} is the host on which the console runs (a Unix socket), and the file does not say its address`
    : `no public description says where the file names the address of ${inQuotes(title)}`;
}

function missingOfHosts({ nodes }: SecCluster, answers: SecAnswers, before: EstateDocument): Missing[] {
  const fresh = nodes.some((node) => hostOf(before, node.host) === null);
  return [
    ...nodes
      .filter((node) => addressOf(node, answers, before) === undefined)
      .map((node) => ({ option: '--address', value: `${node.host}=ADDRESS`, why: whyAddress(node) })),
    ...(fresh && answers.user === undefined
      ? [{ option: '--user', value: 'USER', why: 'the account that Twokey logs in with is not the console’s' }]
      : []),
    ...(fresh && answers.keyFile === undefined
      ? [{ option: '--key-file', value: 'FILE', why: 'keys are never taken over; give Twokey one of its own' }]
      : []),
  ];
}

function missingOfSite(cluster: SecCluster, answers: SecAnswers, node: SecNode | undefined): Missing[] {
  const environment = answers.environment ?? cluster.environment;
  const usual =
    cluster.generation === 'docker'
      ? `${USUAL_FOLDER}/${node?.folder ?? environment ?? 'FOLDER'}`
      : '/var/rails/REVERSE_SITE_NAME';
  const wanted: [string | null | undefined, Missing][] = [
    [
      node?.host,
      {
        option: '--main',
        value: 'HOST',
        why: `the site is on one of ${cluster.nodes.map((one) => one.host).join(', ')}`,
      },
    ],
    [environment, { option: '--environment', value: 'ENVIRONMENT', why: 'the file’s `type` does not say which' }],
    [
      answers.siteDir,
      { option: '--site-dir', value: usual, why: 'the usual folder is shown; look whether it is this one' },
    ],
    [
      answers.version,
      { option: '--version', value: 'VERSION', why: 'the file does not say which version is installed' },
    ],
    [answers.dbHost, { option: '--db-host', value: 'HOST', why: 'as POSTGRES_HOST has it, seen from the site’s host' }],
    [answers.dbName, { option: '--db-name', value: 'NAME', why: 'the file does not name the database' }],
    [answers.dbUser, { option: '--db-user', value: 'USER', why: 'an account that may read the whole database' }],
  ];
  return wanted.filter(([there]) => there === undefined || there === null).map(([, missing]) => missing);
}

/**
 * What a console's cluster becomes in the estate: its nodes as hosts, and its site once everything of it is known. What the
 * estate has already and the file knows nothing about stays. Refusal: bad_arguments for an answer that is not right.
 */
export function estateOfSec(
  cluster: SecCluster,
  answers: SecAnswers,
  before: EstateDocument,
): Result<SecEstate, Refusal> {
  const { nodes, generation } = cluster;
  const hostsMiss = missingOfHosts(cluster, answers, before);
  const main =
    nodes.find((node) => node.host === answers.main) ??
    (nodes.length === 1 ? nodes[0] : nodes.find((node) => /^main$/i.test(node.title)));
  const siteMiss = missingOfSite(cluster, answers, main);
  const strange = [...answers.addresses.keys()].find((host) => !nodes.some((node) => node.host === host));
  if (strange !== undefined)
    return err(
      refusal(
        'bad_arguments',
        `--address names ${strange}, and the file has ${nodes.map((node) => node.host).join(', ')}.`,
      ),
    );
  if (hostsMiss.length > 0) return ok({ cluster: null, missingOfHosts: hostsMiss, missingOfSite: siteMiss });
  const hosts = nodes.map((node) => ({
    ...hostOf(before, node.host)?.host,
    name: node.host,
    address: addressOf(node, answers, before),
    ...(answers.user === undefined ? {} : { user: answers.user }),
    ...(answers.keyFile === undefined ? {} : { key_file: answers.keyFile }),
  }));
  const name = answers.site ?? cluster.name;
  const old = before.clusters.flatMap((one) => one.sites).find((site) => site.name === name);
  const site = {
    ...old,
    name,
    environment: answers.environment ?? cluster.environment,
    profile: `flow-production-tracking-${generation}`,
    host: main?.host,
    site_dir: answers.siteDir,
    version: answers.version,
    database: { ...old?.database, host: answers.dbHost, name: answers.dbName, user: answers.dbUser },
  };
  const checked = z
    .strictObject({ hosts: z.array(hostDocument), sites: z.array(siteDocument) })
    .safeParse({ hosts, sites: siteMiss.length === 0 ? [site] : [] });
  if (!checked.success)
    return err(
      refusal(
        'bad_arguments',
        `The answers are not right:\n${z.prettifyError(checked.error)}`,
        'Correct the options that these keys stand for.',
      ),
    );
  return ok({ cluster: { name: cluster.name, ...checked.data }, missingOfHosts: [], missingOfSite: siteMiss });
}
