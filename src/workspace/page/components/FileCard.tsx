import { useEffect, useState } from 'react';
import type { UiFile } from '../../protocol.ts';
import { Preformatted } from '../blockkit/Mrkdwn.tsx';
import { useDirectory } from '../state/context.ts';

const PREVIEW_BYTES = 65_536;
const UNITS = ['bytes', 'kB', 'MB', 'GB'] as const;

function sizeText(bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const amount = bytes / 1000 ** power;
  return `${power === 0 ? amount : amount.toFixed(1)} ${UNITS[power]}`;
}

function isText(file: UiFile): boolean {
  return /^text\/|json|yaml|xml|x-sh/.test(file.mimetype) || /\.(log|txt|sql|ya?ml|json|csv)$/.test(file.name);
}

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function ImagePreview({ file }: { readonly file: UiFile }) {
  const { readFile } = useDirectory();
  const [url, setUrl] = useState('');
  useEffect(() => {
    let made = '';
    let gone = false;
    readFile(file).then(
      (blob) => {
        if (gone) return;
        made = URL.createObjectURL(blob);
        setUrl(made);
      },
      () => undefined,
    );
    return () => {
      gone = true;
      if (made !== '') URL.revokeObjectURL(made);
    };
  }, [file, readFile]);
  return url === '' ? null : <img className="picture" src={url} alt={file.title || file.name} />;
}

interface FileCardProps {
  readonly file: UiFile;
  readonly onError: (text: string) => void;
}

/** A shared file: the name downloads it, text can be read in place, pictures show themselves. */
export function FileCard({ file, onError }: FileCardProps) {
  const { readFile } = useDirectory();
  const [preview, setPreview] = useState<string | null>(null);

  const read = async (use: (blob: Blob) => void | Promise<void>) => {
    try {
      await use(await readFile(file));
    } catch {
      onError(`The file ${file.name} could not be read.`);
    }
  };
  const toggle = () => {
    if (preview !== null) setPreview(null);
    else void read(async (blob) => setPreview(await blob.slice(0, PREVIEW_BYTES).text()));
  };

  return (
    <div className="file" data-file={file.id}>
      <div className="file-head">
        <span className="file-sign" aria-hidden="true">
          {file.name.split('.').at(-1)?.slice(0, 4)}
        </span>
        <button
          type="button"
          className="file-name"
          aria-label={`Download ${file.name}`}
          onClick={() => void read((blob) => save(blob, file.name))}
        >
          <b>{file.title || file.name}</b>
          <span className="faint">
            {file.name}, {sizeText(file.size)}
          </span>
        </button>
        {isText(file) && (
          <button type="button" className="button" aria-expanded={preview !== null} onClick={toggle}>
            {preview === null ? 'Preview' : 'Hide'}
          </button>
        )}
      </div>
      {preview !== null && <Preformatted>{preview}</Preformatted>}
      {preview !== null && file.size > PREVIEW_BYTES && (
        <p className="faint">The first {sizeText(PREVIEW_BYTES)}. Download the file for the rest.</p>
      )}
      {file.mimetype.startsWith('image/') && <ImagePreview file={file} />}
    </div>
  );
}
