import { ARGV, ARGV_RULES } from './argv.ts';
import { explainBy, type StepDefinition } from './definition.ts';

/** The profile's `config_validate`: says whether a configuration could be applied, and changes nothing. */
const body = `${ARGV}
run_group do || exit
echo "the configuration is valid"
`;

export const configValidate: StepDefinition = {
  name: 'config.validate',
  body,
  explain: explainBy([...ARGV_RULES], {
    message: 'The configuration is not valid',
    next: 'Mend what the log names, then send it again. The application has not been touched.',
  }),
};
