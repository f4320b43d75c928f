import { archive, type MadeEntry } from './archive.ts';

const one = (path: string, more: Partial<MadeEntry> = {}) => archive([{ path, body: 'x', ...more }]);

/** Archives that no release is: what is wrong, the bytes, and why they are refused, whoever reads them. */
export const HOSTILE_ARCHIVES: readonly (readonly [string, Buffer, RegExp])[] = [
  ['a path that climbs out', one('../etc/passwd'), /"\.\.\/etc\/passwd" leads out/],
  ['a path that climbs out later', one('a/../../b'), /leads out/],
  ['an absolute path', one('/etc/passwd'), /leads out/],
  ['a backslash', one('a\\..\\b'), /characters that no path should have/],
  ['a line feed in a name', one('a\nb'), /characters that no path should have/],
  ['a link that leads out', one('l', { type: 'SymbolicLink', link: '../../etc', body: '' }), /link "l" leads out/],
  ['an absolute link', one('l', { type: 'SymbolicLink', link: '/etc', body: '' }), /link "l" leads out/],
  [
    'a hard link to what is not there',
    one('l', { type: 'Link', link: 'other', body: '' }),
    /leads to what is not in it/,
  ],
  [
    'a file behind a link',
    archive([
      { path: 'd', type: 'SymbolicLink', link: 'e' },
      { path: 'd/x', body: 'x' },
    ]),
    /"d\/x" lies behind the link "d"/,
  ],
  [
    'a file twice',
    archive([
      { path: 'a', body: '1' },
      { path: './a', body: '2' },
    ]),
    /"a" is in it twice/,
  ],
  [
    'a file that is a folder as well',
    archive([
      { path: 'a', body: '1' },
      { path: 'a/b', body: '2' },
    ]),
    /a file and a folder/,
  ],
  ['a device', one('null', { type: 'CharacterDevice', body: '' }), /a device or a pipe/],
  ['a pipe', one('p', { type: 'FIFO', body: '' }), /a device or a pipe/],
  ['nothing in it', archive([]), /no tar|no file in it/],
  ['folders only', archive([{ path: 'a/', type: 'Directory' }]), /no file in it/],
  ['no end', archive([{ path: 'a', body: 'x' }], { end: false }), /cut short/],
  [
    'a name that is too long to be one',
    archive([
      { path: 'long', type: 'NextFileHasLongPath', body: 'a'.repeat(100_000) },
      { path: 'a', body: 'x' },
    ]),
    /too long/,
  ],
];
