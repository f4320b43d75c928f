import { WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';

/** What a failed Web API call means for the sender. */
export type Failure =
  | { readonly kind: 'limited'; readonly seconds: number }
  /** Slack refused it: it was certainly not done. */
  | { readonly kind: 'refused'; readonly error: string }
  /** Nobody knows whether it was done. */
  | { readonly kind: 'unknown'; readonly error: string };

export function failureOf(error: unknown): Failure {
  if (error instanceof WebAPIRateLimitedError) return { kind: 'limited', seconds: error.retryAfter };
  if (error instanceof WebAPIPlatformError) {
    const code = error.data.error;
    // These answers come from inside Slack, after the work may have been done.
    if (code === 'internal_error' || code === 'fatal_error' || code === 'service_unavailable')
      return { kind: 'unknown', error: code };
    return { kind: 'refused', error: code };
  }
  return { kind: 'unknown', error: error instanceof Error ? error.message : String(error) };
}
