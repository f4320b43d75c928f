import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

/** An entry of a made-up archive. */
export interface MadeEntry {
  readonly path: string;
  readonly body?: string | Buffer;
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO' | 'NextFileHasLongPath';
  readonly link?: string;
}

/** A tar of these entries, hostile ones included, with its end. */
export function archive(entries: readonly MadeEntry[], { end = true }: { readonly end?: boolean } = {}): Buffer {
  const blocks = entries.flatMap(({ path, body = '', type = 'File', link }) => {
    const bytes = Buffer.from(body);
    const header = new Header({
      path,
      type,
      size: bytes.length,
      mode: 0o644,
      mtime: new Date(0),
      ...(link === undefined ? {} : { linkpath: link }),
    });
    const block = Buffer.alloc(512);
    if (header.encode(block)) throw new Error(`${path} does not fit into a plain header`);
    return [block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, ...(end ? [Buffer.alloc(1024)] : [])]);
}

export function gzipped(tar: Buffer): Buffer {
  return gzipSync(tar);
}
