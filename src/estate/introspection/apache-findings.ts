import { type Finding, word } from './finding.ts';
import { type Frame, textOf } from './frames.ts';
import type { VirtualHost } from './vhost.ts';

/** Whether `source /etc/profile && which httpd` finds a program, as the older console needs it. */
export function httpdFindings(frames: readonly Frame[]): readonly Finding[] {
  const asked = frames.find((frame) => frame.kind === 'httpd');
  if (asked?.state === 'ok' && asked.text.trim().startsWith('/')) return [];
  const subject = 'httpd';
  if (asked === undefined || (asked.state !== 'ok' && asked.state !== 'failed')) {
    return [
      {
        code: 'httpd_unknown',
        severity: 'unknown',
        subject,
        meaning: 'Whether httpd is on the PATH of /etc/profile could not be found out.',
        mend: `bash -c 'source /etc/profile && which httpd'`,
      },
    ];
  }
  const [elsewhere] = (textOf(frames, 'httpd-elsewhere') ?? '').split('\n').filter((line) => line !== '');
  if (elsewhere === undefined) {
    return [
      {
        code: 'httpd_missing',
        severity: 'critical',
        subject,
        meaning: 'There is no Apache (httpd) on this host, so that none of its virtual hosts can be served.',
        mend: null,
      },
    ];
  }
  const debian = elsewhere.endsWith('/apache2');
  const folder = elsewhere.slice(0, elsewhere.lastIndexOf('/'));
  // Every login reads that line, so the folder's name is quoted in it, and the line once more as a word of the command.
  const profile = word(`export PATH="$PATH":${word(folder)}`);
  return [
    {
      code: 'httpd_not_on_path',
      severity: 'critical',
      subject,
      meaning: `Apache is here as ${elsewhere}, but \`source /etc/profile && which httpd\` does not find it, so that the console would find no site.`,
      mend: debian
        ? 'sudo ln -s /usr/sbin/apache2ctl /usr/local/bin/httpd'
        : `echo ${profile} | sudo tee /etc/profile.d/httpd.sh`,
    },
  ];
}

/** Names that more than one virtual host claims on the same address and port: Apache serves the first and says nothing. */
export function namesFindings(vhosts: readonly VirtualHost[]): readonly Finding[] {
  const claims = new Map<string, VirtualHost[]>();
  for (const vhost of vhosts) {
    for (const name of new Set([vhost.serverName, ...vhost.aliases])) {
      if (name === null || name === '') continue;
      const key = `${name} ${vhost.listen}`;
      claims.set(key, [...(claims.get(key) ?? []), vhost]);
    }
  }
  return [...claims].flatMap(([key, [first, second]]): Finding[] => {
    if (!first || !second) return [];
    const [name = ''] = key.split(' ');
    return [
      {
        code: 'two_vhosts',
        severity: 'critical',
        subject: name,
        meaning: `Two virtual hosts are named ${name} on ${first.listen}: Apache serves the one in ${first.file} and never the one in ${second.file}${
          first.file === second.file ? ', further down' : ''
        }.`,
        mend: `grep -n -e ServerName -e ServerAlias -- ${[...new Set([first.file, second.file])].map(word).join(' ')}`,
      },
    ];
  });
}
