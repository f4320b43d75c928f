import type { UiChannel, UiState } from '../../protocol.ts';
import type { Room } from '../state/reducer.ts';
import type { Route } from '../state/route.ts';
import { Avatar } from './Avatar.tsx';

interface SidebarProps {
  readonly state: UiState;
  readonly room: Room;
  readonly route: Route;
  readonly live: boolean;
  readonly go: (change: Partial<Route>) => void;
}

function ChannelLink({ channel, ...rest }: { readonly channel: UiChannel } & Omit<SidebarProps, 'state' | 'live'>) {
  const unread = rest.room.unread[channel.id] ?? 0;
  const here = !rest.route.home && rest.route.channel === channel.id;
  const query = new URLSearchParams({ person: rest.route.person, channel: channel.id });
  return (
    <a
      href={`?${query}`}
      className={unread > 0 ? 'side-link unread' : 'side-link'}
      aria-current={here ? 'page' : undefined}
      data-channel={channel.id}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey) return;
        event.preventDefault();
        rest.go({ channel: channel.id, thread: '', home: false });
      }}
    >
      <span className="side-sign" aria-hidden="true">
        {channel.direct ? '@' : '#'}
      </span>
      <span className="side-name">{channel.name}</span>
      {unread > 0 && (
        <span className="badge">
          {unread}
          <span className="visually-hidden"> new</span>
        </span>
      )}
    </a>
  );
}

/** Workspace name, channels, the app's Home tab, and whether the app and the page are connected. */
export function Sidebar({ state, live, ...rest }: SidebarProps) {
  const bot = state.people.find((person) => person.bot);
  const channels = state.channels.filter((channel) => !channel.direct);
  const direct = state.channels.filter((channel) => channel.direct);
  const links = (of: readonly UiChannel[]) =>
    of.map((channel) => <ChannelLink key={channel.id} channel={channel} {...rest} />);
  return (
    <nav className="sidebar" aria-label="Workspace">
      <h1 className="team">{state.team.name}</h1>
      <h2>Channels</h2>
      {links(channels)}
      {direct.length > 0 && <h2>Direct messages</h2>}
      {links(direct)}
      <h2>App</h2>
      <a
        href={`?${new URLSearchParams({ person: rest.route.person, home: '1' })}`}
        className="side-link"
        aria-current={rest.route.home ? 'page' : undefined}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey) return;
          event.preventDefault();
          rest.go({ home: true, thread: '' });
        }}
      >
        <Avatar person={bot} size="small" />
        <span className="side-name">{bot?.name ?? 'App'} Home</span>
      </a>
      <div className="side-foot">
        <p className={state.appConnected ? 'link-state on' : 'link-state off'} role="status" data-testid="app-state">
          {state.appConnected ? 'App connected' : 'App not connected'}
        </p>
        <p className={live ? 'link-state on' : 'link-state off'} role="status" data-testid="live-state">
          {live ? 'Live updates on' : 'Reconnecting …'}
        </p>
      </div>
    </nav>
  );
}
