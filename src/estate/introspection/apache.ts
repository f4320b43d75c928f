import { httpdFindings, namesFindings } from './apache-findings.ts';
import { readDatabaseYml } from './database-yml.ts';
import { type Finding, unreadable, word } from './finding.ts';
import { type Found, type FoundSite, known, NO_DATABASE } from './found-site.ts';
import { type Frame, ofKind } from './frames.ts';
import { hostNameFrom, reverseSiteName } from './reverse-site-name.ts';
import { readVhosts, type VirtualHost } from './vhost.ts';

export const RAILS = '/var/rails';

/**
 * Sites in the layout that the older console expects: `httpd` on the PATH of /etc/profile, a vhost for each site, its
 * code in `/var/rails/<reverse site name>` with config/database.yml. Says everything that console would stumble over.
 */
export function findApacheSites(frames: readonly Frame[], account: string): Found {
  const findings: Finding[] = [];
  const vhosts: VirtualHost[] = [];
  for (const frame of ofKind(frames, 'conf-dir')) {
    if (frame.state !== 'ok') findings.push(unreadable(frame.name, account, 'The folder of the virtual hosts'));
  }
  for (const frame of ofKind(frames, 'vhost')) {
    if (frame.state === 'ok' || frame.state === 'cut' || frame.state === 'lost') {
      const read = readVhosts(frame.name, frame.text);
      vhosts.push(...read.hosts);
      const problems = frame.state === 'ok' ? read.problems : [...read.problems, 'it is longer than is read'];
      if (problems.length > 0) findings.push(broken('vhost_unclear', frame.name, problems.join('; ')));
    } else findings.push(ofState(frame, account));
  }
  const entries = new Map(ofKind(frames, 'rails').map((frame) => [frame.name.slice(RAILS.length + 1), frame]));
  const railsDir = ofKind(frames, 'rails-dir')[0];
  if (railsDir?.state === 'denied') findings.push(unreadable(RAILS, account, 'The folder of the sites'));
  const ours = vhosts.filter((vhost) => isSite(vhost, entries));
  if (ours.length > 0 || entries.size > 0) findings.push(...httpdFindings(frames));
  findings.push(...namesFindings(ours));

  const sites = new Map<string, FoundSite>();
  for (const vhost of ours) {
    if (vhost.serverName === null) {
      findings.push(
        broken('vhost_without_name', vhost.file, `a virtual host for ${vhost.documentRoot} has no ServerName`),
      );
      continue;
    }
    const reverse = reverseSiteName(vhost.serverName);
    if (!reverse.ok) {
      findings.push(broken('bad_server_name', vhost.file, reverse.error.message.replace(/\.$/, '')));
      continue;
    }
    findings.push(...pathFindings(vhost, reverse.value, entries.get(reverse.value), railsDir));
    // One site may have several virtual hosts: one for each port, say.
    if (sites.has(reverse.value) || (railsDir?.state === 'ok' && !entries.has(reverse.value))) continue;
    sites.set(reverse.value, siteOf(frames, account, reverse.value, vhost, findings));
  }
  // A virtual host that could not be read may be the one that is looked for.
  if (findings.some((one) => one.code === 'unreadable_config' && !one.subject.startsWith(RAILS)))
    return { sites: [...sites.values()], findings };
  // What a link leads to is served under the link's name.
  const linked = new Set([...entries.values()].map((frame) => frame.text.trim()));
  for (const [name, frame] of entries) {
    if (frame.state !== 'ok' || sites.has(name)) continue;
    if ([name, `./${name}`, frame.name].some((target) => linked.has(target))) continue;
    findings.push({
      code: 'rails_without_vhost',
      severity: 'warning',
      subject: frame.name,
      meaning: `There is a folder ${frame.name}, but no virtual host whose name reads ${name} in reverse${
        ours.some((vhost) => vhost.documentRoot?.startsWith(`${frame.name}/`))
          ? '; one with another name serves it'
          : ''
      }.`,
      mend: `grep -rn -e ServerName -e DocumentRoot /etc/httpd/conf.d /etc/apache2/sites-enabled`,
    });
  }
  return { sites: [...sites.values()], findings };
}

/**
 * A virtual host counts as a site when it serves something below /var/rails, says that it is a Rails program or serves
 * the `public` folder of one, or when its file or a folder there has its reverse name. Others are none of our business.
 */
function isSite(vhost: VirtualHost, entries: ReadonlyMap<string, Frame>): boolean {
  const reverse = vhost.serverName === null ? null : reverseSiteName(vhost.serverName);
  return (
    vhost.documentRoot?.startsWith(`${RAILS}/`) === true ||
    vhost.environment !== null ||
    (entries.size > 0 && vhost.documentRoot?.endsWith('/public') === true) ||
    (reverse?.ok === true && (entries.has(reverse.value) || fileName(vhost.file).startsWith(reverse.value)))
  );
}

const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function pathFindings(
  vhost: VirtualHost,
  reverse: string,
  entry: Frame | undefined,
  railsDir: Frame | undefined,
): Finding[] {
  const expected = `${RAILS}/${reverse}`;
  const findings: Finding[] = [];
  const reload = 'sudo apachectl configtest && sudo systemctl reload httpd';
  const root = vhost.documentRoot?.replace(/\/(?:public\/?)?$/, '') ?? null;
  const at = vhost.file.slice(0, vhost.file.lastIndexOf('/'));
  if (!fileName(vhost.file).startsWith(reverse)) {
    findings.push({
      code: 'vhost_misnamed',
      severity: 'warning',
      subject: vhost.file,
      meaning: `The console looks for the virtual host of ${vhost.serverName} in a file that begins with ${reverse}.`,
      mend: `sudo mv -n -- ${word(vhost.file)} ${word(`${at}/${reverse}.conf`)} && ${reload}`,
    });
  }
  if (entry === undefined && railsDir?.state === 'ok') {
    findings.push({
      code: 'wrong_path',
      severity: 'critical',
      subject: vhost.file,
      meaning: `The code of ${vhost.serverName} is at ${root ?? 'a place that is not said'}, but the console looks for it at ${expected}, which is not there. Link it, and set DocumentRoot to ${expected}/public.`,
      mend:
        root === null
          ? null
          : `sudo ln -s -- ${word(root)} ${expected} && sudoedit -- ${word(vhost.file)} && ${reload}`,
    });
  } else if (entry?.state === 'broken') {
    findings.push({
      code: 'site_link_broken',
      severity: 'critical',
      subject: expected,
      meaning: `${expected} is a link to ${entry.text.trim()}, where nothing is: the site cannot run.`,
      mend: `ls -ld -- ${word(entry.text.trim())}`,
    });
  } else if (entry && entry.text.trim() !== '') {
    findings.push({
      code: 'site_symlinked',
      severity: 'info',
      subject: expected,
      meaning: `${expected} is a link to ${entry.text.trim()}. The console accepts that; a copy of ${RAILS} alone would miss the code.`,
      mend: null,
    });
  }
  if (entry !== undefined && root !== null && root !== expected && !root.startsWith(`${expected}/`)) {
    findings.push({
      code: 'wrong_path',
      severity: entry.text.trim() === root ? 'warning' : 'critical',
      subject: vhost.file,
      meaning: `The virtual host of ${vhost.serverName} serves ${root}, but the console works on ${expected}: what it upgrades is not what is served. Set DocumentRoot to ${expected}/public.`,
      mend: `sudoedit -- ${word(vhost.file)} && ${reload}`,
    });
  }
  return findings;
}

function siteOf(
  frames: readonly Frame[],
  account: string,
  reverse: string,
  vhost: VirtualHost,
  findings: Finding[],
): FoundSite {
  const siteDir = `${RAILS}/${reverse}`;
  const file = ofKind(frames, 'database').find((frame) => frame.name === `${siteDir}/config/database.yml`);
  const read =
    file && (file.state === 'ok' || file.state === 'cut') ? readDatabaseYml(file.text, vhost.environment) : null;
  if (file?.state === 'absent') findings.push(broken('no_database_settings', file.name, 'the site has no such file'));
  else if (file && !read) findings.push(ofState(file, account));
  for (const problem of read?.problems ?? [])
    findings.push({ ...broken('database_settings_unclear', file?.name ?? siteDir, ''), meaning: problem });
  if (read && file?.notes.some((note) => /^mode .{7}r/.test(note))) {
    findings.push({
      code: 'settings_world_readable',
      severity: 'warning',
      subject: file.name,
      meaning: 'Everybody with an account on this host can read the password in this file.',
      mend: `sudo chmod o-r -- ${word(file.name)}`,
    });
  }
  const version =
    ofKind(frames, 'version')
      .find((frame) => frame.name.startsWith(`${siteDir}/`))
      ?.text.trim() || null;
  return {
    finder: 'apache',
    label: vhost.serverName ?? hostNameFrom(reverse) ?? reverse,
    siteDir,
    environment: vhost.environment,
    version,
    database: read?.database ?? NO_DATABASE,
    databaseProblem: read ? (read.problems[0] ?? null) : `${siteDir}/config/database.yml could not be read.`,
    settings: {
      ...known({
        'server name': vhost.serverName,
        'document root': vhost.documentRoot,
        'rails environment': vhost.environment,
      }),
      'virtual host': vhost.listen,
      ...read?.settings,
    },
  };
}

function broken(code: string, subject: string, problem: string): Finding {
  return { code, severity: 'warning', subject, meaning: `${subject} is not right: ${problem}.`, mend: null };
}

function ofState(frame: Frame, account: string): Finding {
  if (frame.state === 'denied') return unreadable(frame.name, account, 'The file');
  const why = {
    broken: 'it is a link to nothing',
    refused: 'it is a link into the kernel’s own file systems',
    odd: 'it is no regular file',
  };
  const problem =
    frame.state === 'broken' || frame.state === 'refused' || frame.state === 'odd'
      ? why[frame.state]
      : 'it could not be read';
  return { ...broken('config_not_a_file', frame.name, problem), mend: `ls -ld -- ${word(frame.name)}` };
}
