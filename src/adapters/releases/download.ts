import { lookup } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { messageOf, type Refusal } from '../../kernel/errors.ts';
import { ok, type Result } from '../../kernel/result.ts';
import type { ReleaseDownload } from '../../operations/releases/ports.ts';
import { bounded, notFetched, SILENCE_MS } from './stream.ts';

const MOST_REDIRECTS = 5;
const NEXT = 'Check the address, then send it again.';

export interface DownloadRules {
  /** Hosts that may have an address of a private network. */
  readonly privateHosts: readonly string[];
  /** In bytes. */
  readonly most: number;
  /** From the first request to the last byte. */
  readonly withinMs: number;
}

/** Addresses that only this machine or its network can reach; a release is not fetched from there by accident. */
const PRIVATE = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  PRIVATE.addSubnet(net, prefix, 'ipv6');

/** True for an address that the public Internet does not have. Addresses of IPv4 in the dress of IPv6 count as what they are. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  return family === 0 || PRIVATE.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** Fetches releases over https, bounded in size, time and redirects; every address on the way is looked at. */
export function openDownload(rules: DownloadRules): ReleaseDownload {
  return {
    async open(url) {
      const signal = AbortSignal.timeout(rules.withinMs);
      let at = url;
      for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
        const place = placeOf(at, rules);
        if (!place.ok) return place;
        const answer = await ask(place.value, rules, signal);
        if (!answer.ok) return answer;
        const { statusCode = 0, headers } = answer.value;
        if (statusCode === 200) return bounded(answer.value, rules.most, NEXT);
        answer.value.destroy();
        if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined)
          return no(`${place.value.host} answered with ${statusCode}`);
        if (!URL.canParse(headers.location, place.value.href)) return no('it is redirected to nowhere');
        at = new URL(headers.location, place.value).href;
      }
      return no(`it is redirected more than ${MOST_REDIRECTS} times`);
    },
  };
}

function no(why: string): Result<never, Refusal> {
  return notFetched(why, NEXT);
}

const bare = (hostname: string) => hostname.replace(/^\[|\]$/g, '');
const PRIVATE_WORDS = 'has an address of a private network; an admin may allow that in `releases.private_hosts`';

function placeOf(text: string, { privateHosts }: DownloadRules): Result<URL, Refusal> {
  if (!URL.canParse(text)) return no('that is no address');
  const url = new URL(text);
  if (url.protocol !== 'https:') return no('only https is fetched');
  if (url.username !== '' || url.password !== '') return no('an address with a password in it would be written down');
  const host = bare(url.hostname);
  return isIP(host) !== 0 && isPrivateAddress(host) && !privateHosts.includes(host)
    ? no(`${host} ${PRIVATE_WORDS}`)
    : ok(url);
}

/** Looks a name up as ever, and refuses it when any of its addresses is private: what is checked is what is dialled. */
function guarded({ privateHosts }: DownloadRules): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '', 4);
      const [first] = addresses;
      if (!first) return done(new Error(`${hostname} has no address`), '', 4);
      if (!privateHosts.includes(hostname) && addresses.some((one) => isPrivateAddress(one.address)))
        return done(new Error(`${hostname} ${PRIVATE_WORDS}`), '', 4);
      if (options.all) return done(null, addresses);
      return done(null, first.address, first.family);
    });
  };
}

function ask(url: URL, rules: DownloadRules, signal: AbortSignal): Promise<Result<IncomingMessage, Refusal>> {
  return new Promise((resolve) => {
    // No connection is kept: the next one is looked up and checked anew.
    const request = get(url, { agent: false, lookup: guarded(rules), signal, headers: { accept: '*/*' } }, (answer) => {
      resolve(ok(answer));
    });
    request.setTimeout(SILENCE_MS, () => request.destroy(new Error(`${url.host} does not answer`)));
    request.on('error', (error) => {
      resolve(no(signal.aborted ? 'it takes too long' : messageOf(error)));
    });
  });
}
