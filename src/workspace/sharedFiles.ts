import { now } from '../kernel/clock.ts';
import type { Core } from './core.ts';
import type { StoredFile, User } from './model.ts';

/** What a `file_input` takes at most; Slack's documentation of that element. */
const FILE_INPUT_BYTES = 10_000_000;

const TYPES: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  log: 'text/plain',
  json: 'application/json',
  csv: 'text/csv',
  md: 'text/markdown',
  yml: 'text/yaml',
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  svg: 'image/svg+xml',
  gz: 'application/gzip',
  tar: 'application/x-tar',
  pdf: 'application/pdf',
};

/** A file as it is kept, named and dated. */
export function newFile(file: Pick<StoredFile, 'id' | 'user' | 'name' | 'title' | 'size' | 'channels'>): StoredFile {
  const mimetype = TYPES[file.name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream';
  return { ...file, mimetype, created: Math.floor(now().getTime() / 1000) };
}

/** Takes a file that a person chose in a form. Nobody else sees it, but the app that asked for it. */
export async function takeFile(core: Core, user: User, name: string, bytes: Uint8Array): Promise<StoredFile> {
  const id = core.store.newFileId();
  const file = newFile({ id, user: user.id, name, title: name, size: bytes.length, channels: [] });
  await core.bytes.put(id, bytes);
  core.store.files.set(id, file);
  core.changed();
  return file;
}

/** What is wrong with the files in a `file_input`; null when they are what it takes. */
export function fileProblem(
  element: Readonly<Record<string, unknown>>,
  files: readonly Readonly<Record<string, unknown>>[],
): string | null {
  const most = typeof element.max_files === 'number' ? element.max_files : 10;
  if (files.length > most) return `At most ${most} ${most === 1 ? 'file' : 'files'}, please.`;
  if (files.some((file) => Number(file.size) > FILE_INPUT_BYTES)) return 'Files must be smaller than 10 MB.';
  const types = Array.isArray(element.filetypes) ? element.filetypes : null;
  const other = types && files.find((file) => !types.includes(file.filetype));
  return other ? `The file type of ${String(other.name)} is not supported here.` : null;
}
