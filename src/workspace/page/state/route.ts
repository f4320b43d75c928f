import { useCallback, useEffect, useState } from 'react';

/** What the address bar says: who looks, and at what. */
export interface Route {
  readonly person: string;
  readonly channel: string;
  /** Timestamp of the open thread's parent, or empty. */
  readonly thread: string;
  readonly home: boolean;
}

/** The first person of the workspace, for an address that names nobody. */
const DEFAULT_PERSON = 'U0REQ';

function read(): Route {
  const query = new URLSearchParams(window.location.search);
  return {
    person: query.get('person') ?? DEFAULT_PERSON,
    channel: query.get('channel') ?? '',
    thread: query.get('thread') ?? '',
    home: query.get('home') === '1',
  };
}

function write(route: Route): string {
  const query = new URLSearchParams({ person: route.person });
  if (route.home) query.set('home', '1');
  if (route.channel !== '') query.set('channel', route.channel);
  if (route.thread !== '') query.set('thread', route.thread);
  return `?${query}`;
}

/** The route and a way to change parts of it; the browser's back and forward buttons work. */
export function useRoute(): readonly [Route, (change: Partial<Route>) => void] {
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const follow = () => setRoute(read());
    window.addEventListener('popstate', follow);
    return () => window.removeEventListener('popstate', follow);
  }, []);
  const go = useCallback((change: Partial<Route>) => {
    const next = { ...read(), ...change };
    window.history.pushState(null, '', write(next));
    setRoute(next);
  }, []);
  return [route, go];
}
