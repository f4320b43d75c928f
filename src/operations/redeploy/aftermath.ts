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
  /** While a change of the host is made; empty where there is none. */
  readonly making: string;
  readonly changing: string;
  readonly leaving: string;
  readonly noting: string;
}

/** The sentences for the card; they name the commands that a person would type. */
export function aftermathsOf(
  { site, settings }: SiteFacts,
  { apply, maintenance, change }: Pick<Parts, 'apply' | 'maintenance' | 'change'>,
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
  const preparing =
    uncertain && maintenance !== null
      ? `Maintenance of ${site.name} is as the last redeploy left it: it may be ON. ${again} ends it.`
      : '';
  if (change !== null) {
    const kept = `${change.what} has not been changed by this operation.`;
    const without = `${again} deploys the site without the change${maintenance === null ? '' : ' and ends maintenance'}.`;
    const undo = `The way back is one command: \`${change.back}\`.`;
    return {
      preparing: `${kept} ${preparing}`.trim(),
      entering: `Maintenance may be ON. ${kept} ${without}`,
      beginning: `${stays}${kept} ${without}`,
      making: `${stays}\`${change.look}\` shows whether ${change.what} was changed. If so, \`${change.back}\` takes that back; if not, ${without}`,
      changing: `${stays}${undo} Or mend the cause, then ${again} does it again${maintenance === null ? '' : ' and ends maintenance'}.${back}`,
      leaving: `The change is applied. ${ended} ${again} does it again. ${undo}${back}`,
      noting: `The change is applied, but that is not noted. ${again} notes it. ${undo}`,
    };
  }
  return {
    preparing,
    making: '',
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
