import { useCallback, useEffect, useMemo, useReducer, useRef } from 'react';
import type { UiEvent } from '../../protocol.ts';
import { type Api, createApi } from './api.ts';
import { EMPTY_ROOM, type Room, reduceRoom, threadKey } from './reducer.ts';
import { useSocket } from './socket.ts';

/** A reading is repeated when events came in meanwhile, since it may be older than they are. */
const READ_ATTEMPTS = 3;

export interface LiveRoom {
  readonly room: Room;
  readonly api: Api;
  /** Whether the page receives live updates now. */
  readonly live: boolean;
  /** Applies an event that this page causes itself. */
  readonly apply: (event: UiEvent) => void;
}

/**
 * The workspace as `person` sees it, kept current. `channel` and `thread` are what is on the screen ('' for neither);
 * `onError` takes a sentence for the reader.
 */
export function useRoom(person: string, channel: string, thread: string, onError: (text: string) => void): LiveRoom {
  const [room, dispatch] = useReducer(reduceRoom, EMPTY_ROOM);
  const api = useMemo(() => createApi(person), [person]);
  const events = useRef(0);

  const settled = useCallback(
    async <T>(read: () => Promise<T>, use: (value: T) => void) => {
      try {
        for (let attempt = 1; attempt <= READ_ATTEMPTS; attempt += 1) {
          const before = events.current;
          const value = await read();
          use(value);
          if (events.current === before) return;
        }
      } catch (error) {
        onError(error instanceof Error ? error.message : 'The local workspace did not answer.');
      }
    },
    [onError],
  );

  const readState = useCallback(
    () => settled(api.state, (state) => dispatch({ type: 'state', state })),
    [api, settled],
  );
  const readChannel = useCallback(async () => {
    if (channel === '') return;
    await settled(
      () => api.channel(channel),
      ({ messages }) => dispatch({ type: 'channel_read', channel, messages }),
    );
  }, [api, channel, settled]);
  const readThread = useCallback(async () => {
    if (channel === '' || thread === '') return;
    await settled(
      () => api.thread(channel, thread),
      ({ messages }) => dispatch({ type: 'thread_read', key: threadKey(channel, thread), messages }),
    );
  }, [api, channel, thread, settled]);

  useEffect(() => void readState(), [readState]);
  useEffect(() => void readChannel(), [readChannel]);
  useEffect(() => void readThread(), [readThread]);
  useEffect(() => dispatch({ type: 'looked', channel }), [channel]);

  const apply = useCallback(
    (event: UiEvent) => {
      events.current += 1;
      dispatch({ type: 'event', event, looking: channel });
    },
    [channel],
  );
  const live = useSocket(person, apply, () => {
    void readState();
    void readChannel();
    void readThread();
  });

  return { room, api, live, apply };
}
