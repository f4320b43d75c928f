const SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const MESSAGES =
  /Connection terminated|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/;

/**
 * True when an error says that PostgreSQL cannot be reached or is going down or coming up, so that the same statement
 * may succeed later: SQLSTATE classes 08, 53 and 57P (PostgreSQL's appendix A), or a failed connection.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return /^(?:08|53|57P)/.test(code) || SYSTEM_CODES.has(code) || MESSAGES.test(error.message);
}
