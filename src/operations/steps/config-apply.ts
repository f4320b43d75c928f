import { ARGV, ARGV_RULES } from './argv.ts';
import { explainBy, type StepDefinition } from './definition.ts';

/** The profile's `config_apply`, or its `restart` where it has none. */
const body = `${ARGV}
run_group do || exit
echo "the configuration is applied"
`;

export const configApply: StepDefinition = {
  name: 'config.apply',
  body,
  explain: explainBy([...ARGV_RULES], {
    message: 'The configuration could not be applied',
    next: 'Read the log and mend the cause.',
  }),
};
