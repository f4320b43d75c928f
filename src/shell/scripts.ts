import { CodedError } from '../kernel/errors.ts';
import { quote } from './quote.ts';

const NAME = /^[a-z][a-z0-9_]{0,40}$/;

/**
 * A script for a host: a constant body and its parameters. Each parameter `name` becomes the environment variable
 * `P_name`, set before the body; nothing is ever written into the body's text. Parameters are not for secrets: they
 * stand in the job's script on the host. Throws CodedError `bad_arguments` for a bad name or an unquotable value.
 */
export function scriptWith(body: string, params: Readonly<Record<string, string>>): string {
  const lines = Object.entries(params)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => {
      if (!NAME.test(name)) throw new CodedError('bad_arguments', `bad parameter name: ${JSON.stringify(name)}`);
      return `export P_${name}=${quote(value)}\n`;
    });
  return lines.join('') + body;
}
