import type { UiState } from '../../protocol.ts';

/** A typed text as Slack stores it: the three entities, and names of people and channels as ids. */
export function toSlackText(written: string, state: UiState): string {
  const escaped = written.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.replace(/(?<![\w&])([@#])([a-z0-9][a-z0-9._-]*)/gi, (whole, sign: string, name: string) => {
    if (sign === '#') {
      const channel = state.channels.find((one) => one.name === name);
      return channel === undefined ? whole : `<#${channel.id}>`;
    }
    if (name === 'here' || name === 'channel' || name === 'everyone') return `<!${name}>`;
    const person = state.people.find((one) => one.name === name);
    return person === undefined ? whole : `<@${person.id}>`;
  });
}
