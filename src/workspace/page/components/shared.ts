import type { UiEvent, UiState } from '../../protocol.ts';
import type { Api } from '../state/api.ts';

/** What every part of the page that acts needs. */
export interface Shared {
  readonly api: Api;
  readonly state: UiState;
  readonly apply: (event: UiEvent) => void;
  readonly onError: (text: string) => void;
}

/** The sentence for an action that failed. */
export function failure(error: string | undefined): string {
  return error ?? 'That did not work, and the workspace did not say why.';
}
