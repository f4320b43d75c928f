import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { openSlackFile, takesToken } from '../../../../src/adapters/releases/slack-file.ts';
import { Secret } from '../../../../src/kernel/secret.ts';

const SLACK = 'https://slack.com/api/';
const TOKEN = 'xoxb-not-for-anybody-else';

/** A server on loopback that notes what it was sent. */
async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: { readonly path: string; readonly token: string }[] = [];
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', token: request.headers.authorization ?? '' });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
  return { url, asked, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

const open = (address: string, apiUrl: string, most = 1_000) =>
  openSlackFile(address, { apiUrl, token: new Secret(TOKEN), most, withinMs: 5_000 });

async function fetched(address: string, apiUrl: string, most?: number): Promise<string> {
  const opened = await open(address, apiUrl, most);
  if (!opened.ok) return `${opened.error.message} ${opened.error.next}`;
  const chunks: Uint8Array[] = [];
  for await (const chunk of opened.value) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('P8 the token goes to Slack’s own host for files, and to nobody else', () => {
  it.each([
    ['https://files.slack.com/files-pri/T0-F0/download/app.tar', SLACK, true],
    ['https://files.slack.com:443/files-pri/T0-F0/app.tar', 'https://www.slack.com/api/', true],
    ['https://files.slack-gov.com/files-pri/T0-F0/app.tar', 'https://slack-gov.com/api/', true],
    ['http://127.0.0.1:4000/files-pri/T0-F0/app.tar', 'http://127.0.0.1:4000/api/', true],
    ['http://files.slack.com/files-pri/T0-F0/app.tar', SLACK, false],
    ['https://files.slack.com:8443/files-pri/T0-F0/app.tar', SLACK, false],
    ['https://files.slack.com@evil.example/app.tar', SLACK, false],
    ['https://me:secret@files.slack.com/app.tar', SLACK, false],
    ['https://files.slack.com.evil.example/app.tar', SLACK, false],
    ['https://evil.example/files.slack.com/app.tar', SLACK, false],
    ['https://acme.slack.com/files/U0/F0/app.tar', SLACK, false],
    ['https://slack.com/app.tar', SLACK, false],
    ['https://files.slack.com/app.tar', 'https://slack-gov.com/api/', false],
    ['https://files.slack.com/app.tar', 'https://evilslack.com/api/', false],
    ['http://127.0.0.1:4001/app.tar', 'http://127.0.0.1:4000/api/', false],
    ['https://127.0.0.1:4000/app.tar', 'http://127.0.0.1:4000/api/', false],
    ['file:///etc/passwd', SLACK, false],
    ['nonsense', SLACK, false],
  ])('%s for %s: %s', (address, api, taken) => expect(takesToken(address, api)).toBe(taken));

  it('another host is not even dialled, and a redirect is not followed', async () => {
    await using evil = await listen((_request, response) => response.end('got you'));
    await using slack = await listen((_request, response) =>
      response.writeHead(302, { location: `${evil.url}/steal` }).end(),
    );
    expect(await fetched(`${evil.url}/app.tar`, `${slack.url}/api/`)).toContain('that is not Slack’s');
    expect(await fetched(`${slack.url}/app.tar`, `${slack.url}/api/`)).toMatch(/sign in.*files:read/);
    expect(evil.asked).toEqual([]);
    expect(slack.asked).toEqual([{ path: '/app.tar', token: `Bearer ${TOKEN}` }]);
  });
});

describe('R56 a file that cannot be had from Slack says why', () => {
  it.each([
    ['its sign-in page', 200, { 'content-type': 'text/html; charset=utf-8' }, /sign in[\s\S]*files:read/],
    ['nothing there', 404, {}, /not there any more. Upload it again/],
    ['trouble', 503, {}, /answered with 503. Send it again/],
    ['more than may be', 200, { 'content-length': '5000' }, /larger than 1000 bytes[\s\S]*max_gigabytes/],
  ])('%s', async (_what, status, headers, why) => {
    await using slack = await listen((_request, response) => response.writeHead(status, headers).end());
    expect(await fetched(`${slack.url}/app.tar`, `${slack.url}/api/`)).toMatch(why);
  });

  it('bytes that are too many or too few are noticed while they come', async () => {
    await using slack = await listen((request, response) => {
      if (request.url === '/whole') response.end('whole');
      else if (request.url === '/more') response.write(Buffer.alloc(2_000));
      else {
        response.writeHead(200, { 'content-length': '900' });
        response.write(Buffer.alloc(100), () => response.destroy());
      }
    });
    const api = `${slack.url}/api/`;
    expect(await fetched(`${slack.url}/whole`, api)).toBe('whole');
    await expect(fetched(`${slack.url}/more`, api)).rejects.toMatchObject({
      code: 'bad_release',
      message: expect.stringContaining('larger than 1000 bytes'),
      next: expect.stringContaining('max_gigabytes'),
    });
    await expect(fetched(`${slack.url}/less`, api)).rejects.toMatchObject({
      code: 'bad_release',
      next: 'Send it again.',
    });
  });
});
