import { ARGV, ARGV_RULES } from './argv.ts';
import { explainBy, type StepDefinition } from './definition.ts';
import { MAINTENANCE, MAINTENANCE_RULES } from './maintenance.ts';

/** Nobody works on the site from here on; safe when it is so already. */
const body = `${ARGV}${MAINTENANCE}
enter do do || exit
echo "maintenance is ON"
`;

export const maintenanceOn: StepDefinition = {
  name: 'maintenance.on',
  body,
  explain: explainBy([...ARGV_RULES, ...MAINTENANCE_RULES], {
    message: 'Maintenance could not be switched on',
    next: 'Read the log and mend the cause, then send it again.',
  }),
};
