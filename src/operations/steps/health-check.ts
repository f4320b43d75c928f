import { ARGV } from './argv.ts';
import { CHECKS, CHECKS_RULES } from './checks.ts';
import { explainBy, type StepDefinition } from './definition.ts';

/** Waits, for a time that the plan names, until the site says that it is well. */
const body = `${ARGV}${CHECKS}
await_health || exit
`;

export const healthCheck: StepDefinition = {
  name: 'health.check',
  body,
  explain: explainBy([...CHECKS_RULES], {
    message: 'The health of the site could not be checked',
    next: 'Read the log and mend the cause.',
  }),
};
