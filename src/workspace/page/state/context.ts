import { createContext, useContext } from 'react';
import type { UiChannel, UiDone, UiFile, UiPerson } from '../../protocol.ts';
import type { FieldValue, FormValues } from '../blockkit/selection.ts';

/** Who and what the ids in texts stand for. */
export interface Directory {
  readonly people: readonly UiPerson[];
  readonly channels: readonly UiChannel[];
  readonly me: string;
  readonly openChannel: (id: string) => void;
  readonly readFile: (file: UiFile) => Promise<Blob>;
  readonly uploadFile: (file: File) => Promise<UiFile>;
}

/** One press of an interactive element. */
export interface Press {
  readonly action_id: string;
  readonly block_id: string;
  readonly value?: string;
  readonly selected?: unknown;
}

/** Where blocks are shown: a message, the Home tab or a modal. */
export interface Surface {
  readonly press: (press: Press) => Promise<UiDone>;
  /** Values of the inputs, only in a view. */
  readonly values?: FormValues;
  readonly change?: (blockId: string, actionId: string, value: FieldValue) => void;
  readonly errors?: Readonly<Record<string, string>>;
}

export const DirectoryContext = createContext<Directory>({
  people: [],
  channels: [],
  me: '',
  openChannel: () => undefined,
  readFile: () => Promise.reject(new Error('no workspace')),
  uploadFile: () => Promise.reject(new Error('no workspace')),
});

export const SurfaceContext = createContext<Surface>({
  press: () => Promise.resolve({ ok: false, error: 'This element takes no clicks here.' }),
});

/** The people and channels of the workspace. */
export function useDirectory(): Directory {
  return useContext(DirectoryContext);
}

/** What the blocks around this component report to. */
export function useSurface(): Surface {
  return useContext(SurfaceContext);
}
