import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { escaped } from '../render/mrkdwn.ts';
import { directChannel } from './sender.ts';

const uploadPlace = z.object({ upload_url: z.string(), file_id: z.string() });

/** Uploads a file without showing it to anybody; answers its id, by which it is shared. */
export async function uploadFile(
  client: WebClient,
  file: { readonly name: string; readonly size: number; readonly body: NonNullable<RequestInit['body']> },
  signal: AbortSignal,
): Promise<string> {
  const place = uploadPlace.parse(await client.files.getUploadURLExternal({ filename: file.name, length: file.size }));
  const answer = await fetch(place.upload_url, {
    method: 'POST',
    body: file.body,
    headers: { 'content-length': String(file.size), 'content-type': 'application/octet-stream' },
    duplex: 'half',
    signal: AbortSignal.any([signal, AbortSignal.timeout(120_000)]),
  });
  if (!answer.ok) throw new Error(`the upload was answered with ${answer.status}`);
  return place.file_id;
}

/** Gives a person a file in the direct messages, for nobody else's eyes. */
export async function giveFile(
  client: WebClient,
  person: string,
  file: { readonly name: string; readonly text: string },
  comment: string,
  signal: AbortSignal,
): Promise<void> {
  const size = Buffer.byteLength(file.text);
  const id = await uploadFile(client, { name: file.name, size, body: file.text }, signal);
  await client.files.completeUploadExternal({
    files: [{ id, title: file.name }],
    channel_id: await directChannel(client, person),
    initial_comment: escaped(comment),
  });
}
