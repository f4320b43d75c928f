import { describe, expect, it } from 'vitest';
import { findProfile, loadProfiles } from '../../../src/estate/profile-load.ts';
import { problemOfPattern, readReleaseName } from '../../../src/estate/release-name.ts';

const found = findProfile(loadProfiles('/nowhere'), 'flow-production-tracking-docker');
const releases = found.ok ? found.value.profile.releases : [];
const read = (file: string) => {
  const name = readReleaseName(releases, file);
  return name.ok ? `${name.value.product} ${name.value.version}` : name.error.code;
};

describe('a release file', () => {
  it.each([
    ['shotgun-docker-se-7.4.3.0.tar.gz', 'app 7.4.3.0'],
    ['shotgun-docker-se-8.1.0.tar.gz', 'app 8.1.0'],
    ['shotgun-docker-se-transcoder-server-5.0.7.tar.gz', 'transcoder-server 5.0.7'],
    ['shotgun-docker-se-transcoder-worker-8.2.5.tar.gz', 'transcoder-worker 8.2.5'],
    ['shotgun-docker-sec-1.2.1.tar.gz', 'console 1.2.1'],
  ])('%s is %s', (file, said) => expect(read(file)).toBe(said));

  it.each([
    'shotgun-docker-se-7.4.tar.gz',
    'shotgun-docker-se-7.4.3.0.1.tar.gz',
    'x-shotgun-docker-se-7.4.3.0.tar.gz',
    'shotgun-docker-se-7.4.3.0.tar.gz.exe',
    '../shotgun-docker-se-7.4.3.0.tar.gz',
    'shotgun-docker-se-7.4.3.0.tar.gz\n',
    'a'.repeat(300),
    '',
  ])('%j tells nothing', (file) => expect(read(file)).toBe('bad_arguments'));
});

it.each([
  ['app-(.*)', 'cover the whole file name'],
  ['^app-(\\d+$', 'is not a regular expression'],
  ['^app$', 'it has 0 groups and needs one'],
  ['^(a)-(b)$', 'it has 2 groups and needs one'],
])('the pattern %s is refused', (pattern, said) => {
  expect(problemOfPattern(pattern)).toContain(said);
  expect(problemOfPattern('^app-((?:\\d+\\.)+\\d+)\\.tar$')).toBeNull();
});
