import { ARGV, ARGV_RULES } from './argv.ts';
import { CHECKS } from './checks.ts';
import { explainBy, type StepDefinition } from './definition.ts';
import { MAINTENANCE, MAINTENANCE_RULES } from './maintenance.ts';

/**
 * People may work again. The addresses that visitors use can only be asked now, because before they get the page of
 * maintenance; when they do not answer, or cannot be asked, maintenance goes ON again.
 */
const body = `${ARGV}${CHECKS}${MAINTENANCE}
enter do do || exit
echo "maintenance is OFF"
[ "$P_checks" -gt 0 ] || exit 0
await_health
case $? in
  0) exit 0 ;;
  2) why='UNKNOWN: nobody can tell whether the site answers its visitors' ;;
  *) why='the site does not answer its visitors' ;;
esac
LIMIT=''
enter back back && echo "$why: maintenance is ON again" && exit 80
echo "$why, and maintenance could not be switched on again"
exit 81
`;

export const maintenanceOff: StepDefinition = {
  name: 'maintenance.off',
  body,
  explain: explainBy(
    [
      {
        when: /^UNKNOWN: .* its visitors: maintenance is ON again$/m,
        message:
          'UNKNOWN: nobody can tell whether the site answers its visitors, so maintenance was switched ON again.',
        next: 'See in the log what is missing on the host, or correct the check in the profile.',
      },
      {
        when: /: maintenance is ON again$/m,
        message: 'The site does not answer its visitors, so maintenance was switched ON again.',
        next: 'See in the log what the address answered, and mend the cause.',
      },
      {
        when: /and maintenance could not be switched on again$/m,
        message: 'The site may not answer its visitors, and maintenance could not be switched on again.',
        next: 'Look at the site at once: visitors may see it as it is.',
      },
      ...ARGV_RULES,
      ...MAINTENANCE_RULES,
    ],
    { message: 'Maintenance could not be switched off', next: 'Read the log and mend the cause.' },
  ),
};
