import { useState } from 'react';
import { num, strings } from '../blockkit/read.ts';
import { useDirectory } from '../state/context.ts';
import type { FieldProps } from './Field.tsx';

/** Files from this computer. They are uploaded when they are chosen, so that the form only names them. */
export function FileField({ element, value, onChange, labels }: FieldProps) {
  const { uploadFile } = useDirectory();
  const [state, setState] = useState<'idle' | 'uploading' | 'failed'>('idle');
  const choose = async (chosen: FileList | null) => {
    setState('uploading');
    onChange({ type: 'file_input', files: [] });
    try {
      const files = await Promise.all([...(chosen ?? [])].map(uploadFile));
      onChange({ type: 'file_input', files });
      setState('idle');
    } catch {
      setState('failed');
    }
  };
  const types = strings(element, 'filetypes');
  const uploaded = (value.files ?? []).map((file) => file.name).join(', ');
  return (
    <div className="file-field">
      <input
        {...labels}
        type="file"
        multiple={(num(element, 'max_files') ?? 10) > 1}
        {...(types.length === 0 ? {} : { accept: types.map((type) => `.${type}`).join(',') })}
        onChange={(event) => void choose(event.target.files)}
      />
      <p className="hint" role="status">
        {state === 'uploading' && 'Uploading…'}
        {state === 'failed' && 'The file could not be uploaded. Choose it again.'}
        {state === 'idle' && uploaded !== '' && `Uploaded: ${uploaded}`}
      </p>
    </div>
  );
}
