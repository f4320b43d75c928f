import { useCallback, useEffect, useMemo } from 'react';
import { type Directory, DirectoryContext } from '../state/context.ts';
import { threadKey } from '../state/reducer.ts';
import { useRoom } from '../state/room.ts';
import type { Route } from '../state/route.ts';
import { useToasts } from '../state/toasts.ts';
import { ChannelView } from './ChannelView.tsx';
import { HomeView } from './HomeView.tsx';
import { Modal } from './Modal.tsx';
import { Sidebar } from './Sidebar.tsx';
import { ThreadPane } from './ThreadPane.tsx';
import { Toasts } from './Toasts.tsx';
import { TopBar } from './TopBar.tsx';

interface WorkspaceProps {
  readonly route: Route;
  readonly go: (change: Partial<Route>) => void;
}

/** The whole workspace as one person sees it. */
export function Workspace({ route, go }: WorkspaceProps) {
  const [toasts, addToast, dropToast] = useToasts();
  const { room, api, live, apply } = useRoom(route.person, route.channel, route.thread, addToast);
  const { state } = room;
  const channel = state?.channels.find((one) => one.id === route.channel);

  const first = state?.channels.find((one) => !one.direct)?.id;
  useEffect(() => {
    if (route.channel === '' && !route.home && first !== undefined) go({ channel: first });
  }, [route.channel, route.home, first, go]);

  const openChannel = useCallback((id: string) => go({ channel: id, thread: '', home: false }), [go]);
  const openThread = useCallback((ts: string) => go({ thread: ts, home: false }), [go]);
  const directory = useMemo<Directory>(
    () => ({
      people: state?.people ?? [],
      channels: state?.channels ?? [],
      me: route.person,
      openChannel,
      readFile: (file) => api.file(file.id),
      uploadFile: api.upload,
    }),
    [state?.people, state?.channels, route.person, openChannel, api],
  );

  if (state === null) {
    return (
      <div className="page loading">
        <p role="status">Opening the workspace …</p>
        {toasts.length > 0 && <a href="?">Open it as the first person</a>}
        <Toasts toasts={toasts} onDrop={dropToast} />
      </div>
    );
  }

  const shared = { api, state, apply, onError: addToast };
  return (
    <DirectoryContext value={directory}>
      <title>{`${route.home ? 'Home' : (channel?.name ?? '')} · ${state.team.name}`}</title>
      <div className="page">
        <TopBar people={state.people} me={route.person} onSwitch={(person) => go({ person })} />
        <div className="columns">
          <Sidebar state={state} room={room} route={route} live={live} go={go} />
          <main className="main">
            {route.home && <HomeView {...shared} />}
            {!route.home && channel !== undefined && (
              <ChannelView
                key={channel.id}
                {...shared}
                channel={channel}
                messages={room.channels[channel.id]}
                onThread={openThread}
              />
            )}
            {!route.home && channel === undefined && route.channel !== '' && (
              <p className="empty">There is no such channel for this person.</p>
            )}
          </main>
          {!route.home && channel !== undefined && route.thread !== '' && (
            <ThreadPane
              key={`${channel.id}/${route.thread}`}
              {...shared}
              channel={channel}
              thread={route.thread}
              messages={room.threads[threadKey(channel.id, route.thread)]}
              onClose={() => go({ thread: '' })}
            />
          )}
        </div>
        {room.views.map((view, index) => (
          <Modal key={view.id} {...shared} view={view} covered={index < room.views.length - 1} />
        ))}
        <Toasts toasts={toasts} onDrop={dropToast} />
      </div>
    </DirectoryContext>
  );
}
