import { WebClient } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import { describeFile, judgeFile } from '../../../../src/adapters/slack/shared-file.ts';
import { startWorkspace } from '../../../../src/workspace/server.ts';
import { MANIFEST } from '../../workspace/boltApp.ts';

const reader = { person: 'U0REQ', team: 'T0ACME', personOf: (id: string) => (id === 'U0SECOND' ? 'U0REQ' : id) };
const FILE = {
  id: 'F0ABC',
  name: 'app-8.2.0.tar.gz',
  size: 1_234,
  mode: 'hosted',
  is_external: false,
  is_public: false,
  file_access: 'visible',
  user: 'U0REQ',
  user_team: 'T0ACME',
  url_private: 'https://files.slack.com/files-pri/T0ACME-F0ABC/app-8.2.0.tar.gz',
  url_private_download: 'https://files.slack.com/files-pri/T0ACME-F0ABC/download/app-8.2.0.tar.gz',
};
const judged = (change: object) => {
  const file = judgeFile({ ...FILE, ...change }, reader);
  return file.ok ? file.value : `${file.error.code}: ${file.error.message} ${file.error.next}`;
};

describe('R56 what Slack says of a file', () => {
  it('names what is to be fetched; a public file of somebody else too, and one of the asker’s other ids', () => {
    const its = { name: FILE.name, size: FILE.size, url: FILE.url_private_download };
    expect(judged({})).toEqual(its);
    expect(judged({ user: 'U0SECOND' })).toEqual(its);
    expect(judged({ user: 'U0OTHER', is_public: true })).toEqual(its);
    expect(judged({ url_private_download: undefined })).toEqual({ ...its, url: FILE.url_private });
    expect(judged({ user_team: undefined, file_access: undefined, mode: 'snippet' })).toEqual(its);
  });

  it.each([
    ['lies elsewhere', { mode: 'external', is_external: true, user: 'U0REQ' }, /does not lie in Slack.*own address/],
    ['is hidden by the plan', { mode: 'hidden_by_limit' }, /limit of its plan.*Upload it again/],
    ['is deleted', { mode: 'tombstone' }, /not there any more/],
    ['must be asked for', { mode: 'file_access', file_access: 'check_file_info' }, /shared with another workspace/],
    ['may not be seen', { file_access: 'access_denied' }, /shared with another workspace.*upload it here/],
    ['is another workspace’s', { user_team: 'T0FOREIGN' }, /another workspace/],
    ['is somebody else’s, in private', { user: 'U0OTHER' }, /^not_allowed.*Upload it yourself/],
    ['has no content', { url_private: '', url_private_download: null }, /no file that could be downloaded/],
    ['has no name', { name: '' }, /no file that could be downloaded/],
    ['has no size', { size: undefined }, /no file that could be downloaded/],
    ['is described strangely', { size: 'large' }, /does not know/],
  ])('one that %s is refused, with what to do', (_what, change, why) => expect(judged(change)).toMatch(why));

  it('is asked for on the wire: a file that is gone, and Slack that is in trouble, have different words', async () => {
    await using slack = await startWorkspace({ manifestFile: MANIFEST });
    const client = new WebClient(slack.env.SLACK_BOT_TOKEN ?? '', {
      slackApiUrl: slack.apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
    });
    const here = { ...reader, team: 'T0LOCAL' };
    const id = await slack.human('operator').upload('app-8.2.0.tar', Buffer.from('bytes'));
    const described = async (person = 'U0REQ') => {
      const file = await describeFile(client, id, { ...here, person });
      return file.ok ? file.value : `${file.error.message} ${file.error.next}`;
    };
    expect(await described()).toMatchObject({ name: 'app-8.2.0.tar', size: 5 });
    expect(await described('U0ADM')).toContain('Somebody else uploaded that file');
    const spoilt = async (fault: { error?: string; retryAfterSec?: number; dropConnection?: boolean }) => {
      slack.faults.add({ method: 'files.info', times: 1, ...fault });
      return described();
    };
    expect(await spoilt({ error: 'missing_scope' })).toMatch(/files:read.*manifest.yml/);
    expect(await spoilt({ retryAfterSec: 7 })).toContain('Send it again in 7 s.');
    expect(await spoilt({ dropConnection: true })).toContain('Slack does not answer.');
    expect(await spoilt({ error: 'token_revoked' })).toMatch(/does not tell of that file: token_revoked.*admin/);
    slack.deleteFile(id);
    expect(await described()).toContain('not there any more');
  });
});
