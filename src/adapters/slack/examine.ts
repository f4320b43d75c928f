import { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Environment } from '../../config/environment.ts';
import type { ConfigFile } from '../../config/schema.ts';
import { openClients } from './clients.ts';
import { failureOf } from './failure.ts';
import { Identity } from './identity.ts';

/** One line of an examination; a `notice` is worth knowing and no mistake. */
export interface Finding {
  readonly mark: 'good' | 'notice' | 'bad' | 'unknown';
  readonly what: string;
  /** What to do about it. */
  readonly hint?: string;
}

export function finding(mark: Finding['mark'], what: string, hint?: string): Finding {
  return hint === undefined ? { mark, what } : { mark, what, hint };
}

const testAnswer = z.object({
  team: z.string().default(''),
  team_id: z.string(),
  user: z.string().default(''),
  response_metadata: z.object({ scopes: z.array(z.string()).optional() }).optional(),
});
const channelAnswer = z.object({
  channel: z.object({
    name: z.string().default(''),
    is_member: z.boolean().default(false),
    is_archived: z.boolean().default(false),
  }),
});

/** Tokens, scopes against the manifest, channels, and whether the approvers can reach the quorum. */
export async function examineSlack(
  env: Environment,
  config: ConfigFile,
  scopes: readonly string[],
): Promise<Finding[]> {
  if (!env.botToken)
    return [
      finding(
        'bad',
        'SLACK_BOT_TOKEN is missing',
        'Copy it from "OAuth & Permissions" of your app into .env; it begins with xoxb-.',
      ),
    ];
  const { control } = openClients(env.botToken, env.slackApiUrl);
  const findings: Finding[] = [];
  let team: string;
  try {
    const me = testAnswer.parse(await control.auth.test());
    team = me.team_id;
    findings.push(finding('good', `bot token: ${me.user} in ${me.team}`));
    const granted = me.response_metadata?.scopes;
    const lacking = scopes.filter((scope) => granted !== undefined && !granted.includes(scope));
    if (granted === undefined) findings.push(finding('unknown', 'Slack does not say which scopes the token has'));
    else if (lacking.length === 0) findings.push(finding('good', `scopes: all ${scopes.length} of the manifest`));
    else
      findings.push(
        finding(
          'bad',
          `scopes: ${lacking.join(', ')} missing`,
          'Update the app from manifest.yml and install it to the workspace again.',
        ),
      );
  } catch (error) {
    return [
      finding(
        'bad',
        `bot token: ${JSON.stringify(failureOf(error))}`,
        'Check SLACK_BOT_TOKEN and that this machine reaches Slack.',
      ),
    ];
  }
  findings.push(await examineIntake(env));
  for (const [purpose, id] of Object.entries(config.slack.channels))
    if (id !== undefined) findings.push(await examineChannel(control, purpose, id));
  if (config.slack.channels.audit === undefined)
    findings.push(
      finding(
        'notice',
        'no audit channel: emergencies and resets are said in the operations channel, the audit log has no witness outside the database',
        'Name a channel in slack.channels.audit that few people can delete from, and invite the bot.',
      ),
    );
  findings.push(...(await examineApprovers(control, config, team)));
  return findings;
}

async function examineIntake(env: Environment): Promise<Finding> {
  if (env.appToken) {
    try {
      await new WebClient(env.appToken.reveal(), {
        slackApiUrl: env.slackApiUrl,
        retryConfig: { retries: 0 },
      }).apps.connections.open();
      return finding('good', 'Socket Mode: the app token opens connections');
    } catch (error) {
      return finding(
        'bad',
        `Socket Mode: ${JSON.stringify(failureOf(error))}`,
        'Check SLACK_APP_TOKEN: it begins with xapp- and needs connections:write; Socket Mode must be on.',
      );
    }
  }
  if (env.signingSecret)
    return finding('good', `HTTP mode: requests are expected at /slack/events on port ${env.httpPort}`);
  return finding(
    'bad',
    'neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set',
    'Set one: Socket Mode needs the app token, HTTP mode the signing secret.',
  );
}

async function examineChannel(client: WebClient, purpose: string, id: string): Promise<Finding> {
  try {
    const { channel } = channelAnswer.parse(await client.conversations.info({ channel: id }));
    if (channel.is_archived)
      return finding(
        'bad',
        `channel ${purpose}: #${channel.name} is archived`,
        'Choose another channel in the configuration.',
      );
    if (!channel.is_member)
      return finding(
        'bad',
        `channel ${purpose}: the bot is not in #${channel.name}`,
        `Type /invite @Twokey in #${channel.name}.`,
      );
    return finding('good', `channel ${purpose}: #${channel.name}`);
  } catch (error) {
    return finding(
      'bad',
      `channel ${purpose} (${id}): ${JSON.stringify(failureOf(error))}`,
      'Check the id in the configuration, and invite the bot.',
    );
  }
}

async function examineApprovers(client: WebClient, config: ConfigFile, team: string): Promise<Finding[]> {
  const identity = new Identity(client, config, team);
  try {
    const eligible = await identity.eligibleHolders('approver');
    return Object.entries(config.policy)
      .filter(([, policy]) => policy.calendar !== undefined)
      .map(([name, policy]) =>
        // An approver who asks for something cannot approve it, so one more than the quorum has to be there.
        eligible.length > policy.quorum
          ? finding('good', `approvers of ${name}: ${eligible.length} people for a quorum of ${policy.quorum}`)
          : eligible.length === policy.quorum
            ? finding(
                'good',
                `approvers of ${name}: exactly ${eligible.length} people`,
                'If one of them asks, or is away, nothing can be approved. One more would help.',
              )
            : finding(
                'bad',
                `approvers of ${name}: ${eligible.length} people cannot reach a quorum of ${policy.quorum}`,
                'Add approvers to the roles in the configuration.',
              ),
      );
  } catch (error) {
    return [finding('unknown', `approvers: ${JSON.stringify(failureOf(error))}`)];
  }
}
