import { describe, expect, it } from 'vitest';
import { isPrivateAddress, openDownload } from '../../../../src/adapters/releases/download.ts';

const rules = { privateHosts: [], most: 1_000, withinMs: 5_000 };
const refused = async (url: string) => {
  const opened = await openDownload(rules).open(url);
  return opened.ok ? 'opened' : opened.error.message;
};

describe('R56 a release is fetched from the Internet, never from our own network by accident', () => {
  it.each([
    '127.0.0.1',
    '127.8.8.8',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '0.0.0.0',
    '100.64.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'ff02::1',
    'no address',
  ])('%s is private', (address) => expect(isPrivateAddress(address)).toBe(true));

  it.each(['1.1.1.1', '172.32.0.1', '192.169.0.1', '11.0.0.1', '2606:4700:4700::1111', '::ffff:1.1.1.1'])(
    '%s is not',
    (address) => expect(isPrivateAddress(address)).toBe(false),
  );

  it.each([
    ['http://example.org/app-1.0.0.tar', /only https/],
    ['file:///etc/passwd', /only https/],
    ['https://me:secret@example.org/app-1.0.0.tar', /a password in it/],
    ['https://127.0.0.1/app-1.0.0.tar', /private network/],
    ['https://2130706433/app-1.0.0.tar', /private network/],
    ['https://0x7f.1/app-1.0.0.tar', /private network/],
    ['https://[::1]/app-1.0.0.tar', /private network/],
    ['https://[::ffff:127.0.0.1]/app-1.0.0.tar', /private network/],
    // A name that leads to this machine is looked up and refused before anybody is dialled.
    ['https://localhost:1/app-1.0.0.tar', /private network/],
    ['nonsense', /no address/],
  ])('%s is refused', async (url, why) => expect(await refused(url)).toMatch(why));
});
