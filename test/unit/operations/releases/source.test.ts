import { describe, expect, it } from 'vitest';
import { readSource, slackSource } from '../../../../src/operations/releases/source.ts';

const read = (text: string) => {
  const source = readSource(text);
  return source.ok ? source.value : source.error.code;
};

describe('R56 where a release comes from', () => {
  it.each([
    ['slack:F0ABC123', 'F0ABC123'],
    ['https://acme.slack.com/files/U0REQ/F0ABC123/app-8.2.0.tar.gz', 'F0ABC123'],
    ['https://acme.enterprise.slack.com/files/W0REQ/F0ABC123', 'F0ABC123'],
    ['https://acme.slack-gov.com/files/U0REQ/F0ABC123/app.tar', 'F0ABC123'],
    ['https://files.slack.com/files-pri/T0ACME-F0ABC123/download/app.tar', 'F0ABC123'],
  ])('%s is a file in Slack', (text, file) => expect(read(text)).toEqual({ kind: 'slack', file }));

  it.each([
    'https://slack.com.evil.example/files/U0REQ/F0ABC123/app.tar',
    'https://evilslack.com/files/U0REQ/F0ABC123/app.tar',
    'https://evil.example/acme.slack.com/files/U0REQ/F0ABC123/app.tar',
    'http://acme.slack.com/files/U0REQ/F0ABC123/app.tar',
    'https://acme.slack.com/archives/C0OPS/p1',
  ])('%s is an address like any other', (url) => expect(read(url)).toEqual({ kind: 'url', url }));

  it('what a form uploads is named so that it is read as what it is', () => {
    expect(read(slackSource('F0ABC123'))).toEqual({ kind: 'slack', file: 'F0ABC123' });
    expect(read('slack:../../etc')).toBe('bad_arguments');
    expect(read('slack:f0abc123')).toBe('bad_arguments');
  });

  it('a folder, a host, and nothing that could be meant', () => {
    expect(read('folder:app-1.0.0.tar')).toEqual({ kind: 'folder', fileName: 'app-1.0.0.tar' });
    expect(read('acme-app:/srv/app 1.tar')).toEqual({ kind: 'host', host: 'acme-app', path: '/srv/app 1.tar' });
    expect(read('app-1.0.0.tar')).toBe('bad_arguments');
    expect(read('')).toBe('bad_arguments');
  });
});
