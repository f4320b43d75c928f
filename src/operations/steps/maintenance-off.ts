import { ARGV, ARGV_RULES } from './argv.ts';
import { CHECKS } from './checks.ts';
import { explainBy, type StepDefinition } from './definition.ts';
import { MAINTENANCE, MAINTENANCE_RULES } from './maintenance.ts';

/**
 * People may work again. The addresses that visitors use can only be asked now, because before they get the page of
 * maintenance; when they do not answer, maintenance goes ON again.
 */
const body = `${ARGV}${CHECKS}${MAINTENANCE}
enter do do || exit
echo "maintenance is OFF"
[ "$P_checks" -gt 0 ] || exit 0
await_health && exit 0
LIMIT=''
enter back back && echo "the site does not answer its visitors: maintenance is ON again" && exit 80
echo "the site does not answer its visitors, and maintenance could not be switched on again"
exit 81
`;

export const maintenanceOff: StepDefinition = {
  name: 'maintenance.off',
  body,
  explain: explainBy(
    [
      {
        when: /: maintenance is ON again$/m,
        message: 'The site does not answer its visitors, so maintenance was switched ON again.',
        next: 'See in the log what the address answered, and mend the cause.',
      },
      {
        when: /and maintenance could not be switched on again$/m,
        message: 'The site does not answer its visitors, and maintenance could not be switched on again.',
        next: 'Look at the site at once: visitors may see it as it is.',
      },
      ...ARGV_RULES,
      ...MAINTENANCE_RULES,
    ],
    { message: 'Maintenance could not be switched off', next: 'Read the log and mend the cause.' },
  ),
};
