/** The connection to `forwardlab learn`, and what it tells. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { LearnMessage, LearnRequest } from "../../core/lesson.ts";
import { answers, emptyRoom, type Room, received, requested } from "./room.ts";

/** The address of a WebSocket beside this page. */
export function socketAddress(path: string): string {
  const address = new URL(path, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.hash = "";
  return address.href;
}

/** One request after the other: `learn` has one lab to run lessons in. `stop` waits for none. */
class Requests {
  readonly #send: (request: LearnRequest) => void;
  #waiting: LearnRequest[] = [];
  #now: LearnRequest["do"] | undefined;

  constructor(send: (request: LearnRequest) => void) {
    this.#send = send;
  }

  add(request: LearnRequest): void {
    if (request.do === "stop") {
      this.#send(request);
      return;
    }
    // Only the latest of its kind counts.
    this.#waiting = [...this.#waiting.filter((each) => each.do !== request.do), request];
    this.#next();
  }

  heard(message: LearnMessage): void {
    if (this.#now === undefined || !answers(this.#now, message)) return;
    this.#now = undefined;
    this.#next();
  }

  #next(): void {
    if (this.#now !== undefined) return;
    const request = this.#waiting.shift();
    if (!request) return;
    this.#now = request.do;
    this.#send(request);
  }
}

export function useConnection(): { room: Room; ask(request: LearnRequest): void } {
  const [room, setRoom] = useState<Room>(emptyRoom);
  const requests = useRef<Requests | undefined>(undefined);
  useEffect(() => {
    const socket = new WebSocket(socketAddress("ws"));
    const queue = new Requests((request) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request));
    });
    requests.current = queue;
    socket.addEventListener("message", ({ data }) => {
      const message = JSON.parse(String(data)) as LearnMessage;
      setRoom((before) => received(before, message));
      queue.heard(message);
    });
    socket.addEventListener("close", () => setRoom((before) => ({ ...before, ended: true })));
    return () => socket.close();
  }, []);
  const ask = useCallback((request: LearnRequest) => {
    setRoom((before) => requested(before, request));
    requests.current?.add(request);
  }, []);
  return { room, ask };
}
