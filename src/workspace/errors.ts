/** A refusal of the Web API: 200 `{ ok: false, error, ...extra }`. */
export class ApiError extends Error {
  readonly code: string;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(code: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(code);
    this.name = 'ApiError';
    this.code = code;
    this.extra = extra;
  }
}

/** A refusal with the explanations that Slack puts into response_metadata. */
export function explained(code: string, messages: readonly string[]): ApiError {
  return new ApiError(code, { response_metadata: { messages } });
}
