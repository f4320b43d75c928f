/**
 * The tokens of https://docs.slack.dev/messaging/formatting-message-text#date-formatting, in the reader's zone.
 * Dates and times follow the reader's locale; words (today, 3 hours ago) are English like the rest of the page.
 */

type Style = Intl.DateTimeFormatOptions;

const DAY_MS = 86_400_000;

const STYLES: Readonly<Record<string, Style>> = {
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  date_short: { year: 'numeric', month: 'short', day: 'numeric' },
  date_long: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
  date_long_full: { year: 'numeric', month: 'long', day: 'numeric' },
  date_slash: { year: 'numeric', month: '2-digit', day: '2-digit' },
  time: { hour: 'numeric', minute: '2-digit' },
  time_secs: { hour: 'numeric', minute: '2-digit', second: '2-digit' },
};

function format(at: Date, style: Style): string {
  return new Intl.DateTimeFormat(undefined, style).format(at);
}

function dayStart(at: Date): number {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}

function relativeDay(at: Date, now: Date): string | undefined {
  const days = Math.round((dayStart(at) - dayStart(now)) / DAY_MS);
  return days === 0 ? 'today' : days === 1 ? 'tomorrow' : days === -1 ? 'yesterday' : undefined;
}

function ago(at: Date, now: Date): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  const size = Math.abs(seconds);
  if (size < 60) return words.format(Math.round(seconds), 'second');
  if (size < 3600) return words.format(Math.round(seconds / 60), 'minute');
  if (size < 86_400) return words.format(Math.round(seconds / 3600), 'hour');
  return words.format(Math.round(seconds / 86_400), 'day');
}

function token(name: string, at: Date, now: Date): string | undefined {
  if (name === 'ago') return ago(at, now);
  if (name === 'date_num') {
    const two = (part: number) => String(part).padStart(2, '0');
    return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  }
  if (name === 'day_divider_pretty') {
    return relativeDay(at, now) ?? format(at, { weekday: 'long', month: 'long', day: 'numeric' });
  }
  if (name.endsWith('_pretty')) {
    return relativeDay(at, now) ?? token(name.slice(0, -'_pretty'.length), at, now);
  }
  const style = STYLES[name];
  return style === undefined ? undefined : format(at, style);
}

/** Renders a Slack date pattern such as `{date_short_pretty} at {time}`; an unknown token yields the fallback. */
export function slackDate(unixSeconds: number, pattern: string, fallback: string, now = new Date()): string {
  const at = new Date(unixSeconds * 1000);
  if (Number.isNaN(at.getTime())) return fallback;
  let known = true;
  const text = pattern.replace(/\{([a-z_]+)\}/g, (whole, name: string) => {
    const rendered = token(name, at, now);
    if (rendered === undefined) known = false;
    return rendered ?? whole;
  });
  return known ? text : fallback;
}

/** The whole instant with its zone, for the tip that appears over a rendered time. */
export function exactTime(unixSeconds: number): string {
  return format(new Date(unixSeconds * 1000), { dateStyle: 'full', timeStyle: 'long' });
}
