/** One `<VirtualHost>` of an Apache configuration. */
export interface VirtualHost {
  readonly file: string;
  /** What stands in the opening tag, for example `*:80`. */
  readonly listen: string;
  readonly serverName: string | null;
  readonly aliases: readonly string[];
  readonly documentRoot: string | null;
  /** Of Passenger or Rails: `production`, `staging`, … */
  readonly environment: string | null;
  readonly tls: boolean;
}

const unquoted = (text: string): string => text.trim().replace(/^(["'])(.*)\1$/, '$2');

/** A server name as it is compared: without scheme and port, in lower case. */
export function plainServerName(text: string): string {
  return unquoted(text)
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/:\d+$/, '');
}

/** Reads the virtual hosts of a file; tags that do not match are said, never thrown. */
export function readVhosts(
  file: string,
  text: string,
): { readonly hosts: readonly VirtualHost[]; readonly problems: readonly string[] } {
  const hosts: VirtualHost[] = [];
  const problems: string[] = [];
  let open: { -readonly [K in keyof VirtualHost]: VirtualHost[K] } | null = null;
  const close = (): void => {
    if (open) hosts.push(open);
    open = null;
  };
  for (const line of text.split('\n')) {
    const [, name = '', rest = ''] = /^\s*(<?\/?[A-Za-z]+)\s*(.*)$/s.exec(line) ?? [];
    const directive = name.toLowerCase();
    if (directive === '<virtualhost') {
      if (open) problems.push('a <VirtualHost> begins before the one before it has ended');
      close();
      const listen = unquoted(rest.replace(/>\s*$/, ''));
      open = { file, listen, serverName: null, aliases: [], documentRoot: null, environment: null, tls: false };
    } else if (directive === '</virtualhost') {
      if (!open) problems.push('a </VirtualHost> that nothing has opened');
      close();
    } else if (open) {
      if (directive === 'servername') open.serverName = plainServerName(rest) || null;
      else if (directive === 'serveralias') open.aliases = [...open.aliases, ...rest.split(/\s+/).map(plainServerName)];
      else if (directive === 'documentroot') open.documentRoot = unquoted(rest) || null;
      else if (/^(?:railsenv|rackenv|passengerappenv)$/.test(directive)) open.environment = unquoted(rest) || null;
      else if (directive === 'sslengine') open.tls = rest.trim().toLowerCase() === 'on';
    }
  }
  if (open) problems.push('a <VirtualHost> never ends');
  close();
  return { hosts, problems };
}
