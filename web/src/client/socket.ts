// The one door to socket.io-client.

import { io } from 'socket.io-client';

/** What the protocol needs of a socket: one connection attempt and its life, never a second one. */
export interface Wire {
  on(event: string, handler: (...args: never[]) => void): void;
  emit(event: string, ...args: unknown[]): void;
  close(): void;
}

export type OpenWire = (login: string, locale: string) => Wire;

export const protocolVersion = 1;

export const openSocket: OpenWire = (login, locale) => {
  const socket = io({
    path: `/u/${login}/socket.io`,
    auth: { protocol: protocolVersion, locale },
    // The protocol reconnects by itself: it knows when to wait and what to say first.
    reconnection: false,
    forceNew: true,
    transports: ['websocket'],
    timeout: 8000,
  });
  return {
    on: (event, handler) => void socket.on(event, handler as (...args: unknown[]) => void),
    emit: (event, ...args) => void socket.emit(event, ...args),
    close: () => {
      socket.removeAllListeners();
      socket.disconnect();
    },
  };
};
