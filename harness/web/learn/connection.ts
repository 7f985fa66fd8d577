/** The connection to `forwardlab learn`, and what it tells. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { LearnMessage, LearnRequest } from "../../core/lesson.ts";
import { emptyRoom, type Room, received, requested } from "./room.ts";

/** The address of a WebSocket beside this page. */
export function socketAddress(path: string): string {
  const address = new URL(path, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.hash = "";
  return address.href;
}

export function useConnection(): { room: Room; ask(request: LearnRequest): void } {
  const [room, setRoom] = useState<Room>(emptyRoom);
  const socket = useRef<WebSocket | undefined>(undefined);
  useEffect(() => {
    const opened = new WebSocket(socketAddress("ws"));
    socket.current = opened;
    opened.addEventListener("message", ({ data }) => {
      const message = JSON.parse(String(data)) as LearnMessage;
      setRoom((before) => received(before, message));
    });
    opened.addEventListener("close", () => setRoom((before) => ({ ...before, ended: true })));
    return () => opened.close();
  }, []);
  const ask = useCallback((request: LearnRequest) => {
    if (socket.current?.readyState !== WebSocket.OPEN) return;
    setRoom((before) => requested(before, request));
    socket.current.send(JSON.stringify(request));
  }, []);
  return { room, ask };
}
