import { useEffect, useRef, useState } from 'react';
import type { UiEvent } from '../../protocol.ts';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5_000;

/**
 * Keeps a WebSocket open for `person`, reconnecting with growing pauses. `onOpen` runs after each connection, because
 * events may have been missed before it. Returns whether the socket is open now.
 */
export function useSocket(person: string, onEvent: (event: UiEvent) => void, onOpen: () => void): boolean {
  const [open, setOpen] = useState(false);
  const handlers = useRef({ onEvent, onOpen });
  useEffect(() => {
    handlers.current = { onEvent, onOpen };
  });

  useEffect(() => {
    let socket: WebSocket | undefined;
    let timer: number | undefined;
    let pause = FIRST_RETRY_MS;
    let ended = false;

    const connect = () => {
      const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
      socket = new WebSocket(`${scheme}://${window.location.host}/ui/socket?person=${encodeURIComponent(person)}`);
      socket.onopen = () => {
        pause = FIRST_RETRY_MS;
        setOpen(true);
        handlers.current.onOpen();
      };
      socket.onmessage = (frame: MessageEvent<string>) => {
        const event: UiEvent = JSON.parse(frame.data);
        handlers.current.onEvent(event);
      };
      socket.onclose = () => {
        setOpen(false);
        if (ended) return;
        timer = window.setTimeout(connect, pause);
        pause = Math.min(pause * 2, LAST_RETRY_MS);
      };
    };
    connect();

    return () => {
      ended = true;
      window.clearTimeout(timer);
      socket?.close();
    };
  }, [person]);

  return open;
}
