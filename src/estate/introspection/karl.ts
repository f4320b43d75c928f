import { readDsn } from './database-url.ts';
import { type Finding, unreadable, word } from './finding.ts';
import { type Found, type FoundSite, known } from './found-site.ts';
import { type Frame, ofKind } from './frames.ts';

/** Sections of an INI file with their settings; lines outside of any are passed over. Never throws. */
export function readIni(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | null = null;
  for (const line of text.split('\n')) {
    const head = /^\[([^\]]*)\]\s*$/.exec(line);
    if (head) {
      section = sections.get(head[1] ?? '') ?? new Map<string, string>();
      sections.set(head[1] ?? '', section);
      continue;
    }
    const pair = /^([A-Za-z_.][\w.-]*)\s*[=:]\s*(.*)$/s.exec(line);
    if (pair) section?.set(pair[1] ?? '', (pair[2] ?? '').trim());
  }
  return sections;
}

/** Sites of KARL: numbered buildouts below one folder, the link `current`, and its etc/instances.ini with a `dsn` each. */
export function findKarlSites(frames: readonly Frame[], account: string): Found {
  const findings: Finding[] = [];
  const sites = ofKind(frames, 'karl').flatMap((base) => buildout(base, frames, account, findings));
  return { sites, findings };
}

function buildout(base: Frame, frames: readonly Frame[], account: string, findings: Finding[]): readonly FoundSite[] {
  const link = `${base.name}/current`;
  const builds = base.notes.flatMap((note) => /^build (\d{1,9})$/.exec(note)?.[1] ?? []).map(Number);
  const newest = builds.toSorted((left, right) => left - right).at(-1) ?? null;
  const target = base.text.trim();
  const build = /(?:^|\/)(\d{1,9})\/?$/.exec(target)?.[1] ?? null;
  const say = (code: string, severity: Finding['severity'], meaning: string, mend: string | null): void => {
    findings.push({ code, severity, subject: link, meaning, mend });
  };
  if (base.state !== 'ok') {
    const meaning =
      base.state === 'broken'
        ? `The link ${link} leads to ${target}, where nothing is: nothing can be started, and an upgrade does not know which build it replaces.`
        : `There are builds in ${base.name}, but no link \`current\` says which of them is in use.`;
    say(
      'karl_no_current',
      'critical',
      meaning,
      newest === null ? null : `ls -l -- ${word(base.name)} && ln -sfn ${newest} ${word(link)}`,
    );
    return [];
  }
  if (build === null)
    say(
      'karl_odd_current',
      'warning',
      `The link ${link} leads to ${target}, which is not a numbered build; an upgrade counts on a number.`,
      null,
    );
  else if (newest !== null && newest > Number(build))
    say(
      'karl_newer_build',
      'info',
      `Build ${build} is in use, though ${newest} is there: an upgrade to it was not finished, or was taken back.`,
      `ls -l -- ${word(base.name)}`,
    );
  if (!base.notes.includes('supervisord yes'))
    say(
      'karl_not_running',
      'warning',
      `No supervisord runs from ${link} (no var/supervisord.pid), so the site is probably down.`,
      `cd ${word(link)} && bin/supervisord`,
    );

  const file = ofKind(frames, 'karl-instances').find((frame) => frame.name === `${link}/etc/instances.ini`);
  if (file?.state !== 'ok') {
    const subject = `${link}/etc/instances.ini`;
    if (file?.state === 'denied') findings.push(unreadable(subject, account, 'The list of the instances'));
    else
      findings.push({
        code: 'karl_no_instances',
        severity: 'warning',
        subject,
        meaning: 'The list of the instances is not there, so no site can be told.',
        mend: null,
      });
    return [];
  }
  const main = readIni(
    ofKind(frames, 'karl-ini').find((frame) => frame.name === `${link}/etc/karlserve.ini`)?.text ?? '',
  );
  return [...readIni(file.text)].flatMap(([section, values]): FoundSite[] => {
    const instance = /^instance:(.+)$/.exec(section)?.[1]?.trim();
    if (instance === undefined) return [];
    const dsn = values.get('dsn');
    const database = readDsn(dsn ?? '');
    if (database.name === null)
      findings.push({
        code: 'karl_no_dsn',
        severity: 'warning',
        subject: file.name,
        meaning: `The instance ${instance} has no dsn that names a database.`,
        mend: null,
      });
    const folderName = base.name.slice(base.name.lastIndexOf('/') + 1);
    return [
      {
        finder: 'karl',
        label: instance,
        siteDir: base.name,
        environment: folderName,
        version: build,
        // libpq's own default when a data source names no host.
        database: { ...database, host: database.host ?? (database.name === null ? null : 'localhost') },
        databaseProblem: database.name === null ? 'Its dsn names no database.' : null,
        settings: known({
          'karl instance': instance,
          'virtual host': values.get('virtual_host') ?? null,
          'keep history': values.get('keep_history') ?? null,
          'server port': main.get('server:main')?.get('port') ?? null,
        }),
      },
    ];
  });
}
