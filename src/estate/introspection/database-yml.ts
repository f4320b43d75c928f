import { readDatabaseUrl, readPort } from './database-url.ts';
import { type DatabaseFound, known, NO_DATABASE } from './found-site.ts';
import { asMap, asText, readYaml, type YamlMap } from './yaml-document.ts';

/** What a Rails `config/database.yml` says of one environment. */
export interface DatabaseSettings {
  /** The section that was read, for example `production`; null when there is none to read. */
  readonly section: string | null;
  readonly database: DatabaseFound;
  /** Why something is not known, in sentences. */
  readonly problems: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
}

/** Rails with several databases puts a level between; its own is called primary. */
function ownDatabase(section: YamlMap): YamlMap {
  if ('adapter' in section || 'database' in section || 'url' in section) return section;
  return 'primary' in section ? asMap(section.primary) : section;
}

/** Reads the section of `environment`, or `production` where it has none; never throws. Secrets were left out before. */
export function readDatabaseYml(text: string, environment: string | null): DatabaseSettings {
  const nothing = { section: null, database: NO_DATABASE, settings: {} };
  const read = readYaml(text);
  if ('problem' in read) return { ...nothing, problems: [`It cannot be read as YAML: ${read.problem}.`] };
  const name = [environment ?? 'production', 'production'].find((one) => Object.hasOwn(read.map, one));
  if (name === undefined) return { ...nothing, problems: ['It has no section for production.'] };
  const section = ownDatabase(asMap(read.map[name]));
  const problems: string[] = [];
  const value = (key: string): string | null => {
    const found = asText(section[key]);
    if (found === null || !found.includes('<%')) return found;
    problems.push(
      `Its ${key} is worked out by the program (${found.slice(0, 80)}), so that the file does not tell it.`,
    );
    return null;
  };
  const adapter = value('adapter');
  const address = value('url');
  const own = { host: value('host') ?? value('socket'), port: value('port'), name: value('database') };
  const user = value('username') ?? value('user');
  const fromUrl = address === null ? null : readDatabaseUrl(address);
  const database = {
    host: own.host ?? fromUrl?.host ?? null,
    port: readPort(own.port) ?? fromUrl?.port ?? null,
    name: own.name ?? fromUrl?.name ?? null,
    user: user ?? fromUrl?.user ?? null,
  };
  if (adapter !== null && !/^postg(?:resql|is)$/.test(adapter))
    problems.push(`Its adapter is ${adapter.slice(0, 40)}, not PostgreSQL.`);
  const settings = known({
    'database adapter': adapter,
    'database encoding': value('encoding'),
    'database pool': value('pool'),
  });
  return { section: name, database, problems, settings };
}
