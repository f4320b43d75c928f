import { namesOf } from '../../estate/web-heads.ts';
import { durationInWords } from '../../kernel/duration.ts';
import type { SiteFacts } from '../facts.ts';
import type { Maintenance } from '../profile/maintenance.ts';
import type { Parts } from './parts.ts';

/** What holds when a redeploy ends badly in one of its parts, and the way on and back. */
interface Aftermaths {
  /** Before anything is changed; empty where nothing has to be said. */
  readonly preparing: string;
  readonly entering: string;
  readonly beginning: string;
  readonly changing: string;
  readonly leaving: string;
  readonly noting: string;
}

/** The sentences for the card; they name the commands that a person would type. */
export function aftermathsOf(
  { site, settings }: SiteFacts,
  { apply, maintenance }: Pick<Parts, 'apply' | 'maintenance'>,
): Aftermaths {
  const { version, running, uncertain } = settings;
  const again = `\`redeploy ${site.name}\``;
  const back =
    version === running || running === 0
      ? ''
      : ` The way back to what ran before: \`settings rollback ${site.name} ${running}\`, then ${again}.`;
  const stays =
    maintenance === null ? '' : `Maintenance stays ON: ${maintenance.meanwhile} on ${site.name}.${until(maintenance)} `;
  const half =
    apply.hosts.length === 1 ? '' : `Of ${namesOf(apply.hosts)} some may have what is stored and others not yet. `;
  const ended =
    maintenance === null || maintenance.off.enter.hosts.length === 1
      ? `The log says whether maintenance is ON or OFF; where it does not, look at ${site.name}: it may be either.`
      : `Maintenance goes ON again on ${namesOf(maintenance.off.enter.hosts)}; where cleaning up fails as well it may be either.`;
  return {
    preparing:
      uncertain && maintenance !== null
        ? `Maintenance of ${site.name} is as the last redeploy left it: it may be ON. ${again} ends it.`
        : '',
    entering: `Maintenance may be ON, and nothing else has been changed. ${again} does it all again and ends maintenance.`,
    beginning: `${stays}Nothing else has been changed. ${again} does it all again.`,
    changing: `${stays}${half}When the cause is mended, ${again} does it again${maintenance === null ? '' : ' and then ends maintenance'}.${back}`,
    leaving: `The stored settings are applied. ${ended} ${again} does it again.${back}`,
    noting: `The stored settings hold, but that is not noted. ${again} notes it.`,
  };
}

function until({ expiresMs }: Maintenance): string {
  return expiresMs === null ? '' : ` The application ends it by itself after ${durationInWords(expiresMs)}.`;
}
