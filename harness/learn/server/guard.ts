/** Who may ask the server of a lesson for anything: whoever has the token, by its own name, from its own page. Pure. */
import { createHash, timingSafeEqual } from "node:crypto";

/** What is looked at of a request, whether for the page or for a WebSocket. */
export interface Asked {
  method: string;
  /** Path and query. */
  url: string;
  host: string | undefined;
  origin: string | undefined;
  webSocket: boolean;
}

export interface Door {
  port: number;
  token: string;
}

export type Entrance = "page" | "messages" | "terminal";

/** Where it leads, or why it leads nowhere: a status and a word that tells nothing else. */
export function admit(asked: Asked, { port, token }: Door): { to: Entrance; query: URLSearchParams } | { status: 403 | 404 | 405 | 421 } {
  // A name that leads to this machine is not enough: it may be a stranger's (DNS rebinding).
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (asked.host === undefined || !hosts.includes(asked.host)) return { status: 421 };
  // A browser tells the origin of every WebSocket. Other programs have to say it as well.
  if (asked.origin === undefined ? asked.webSocket : asked.origin !== `http://${asked.host}`) return { status: 403 };
  const [path = "", query = ""] = asked.url.split("?", 2);
  const [, given = "", ...rest] = path.split("/");
  if (!sameText(given, token)) return { status: 403 };
  if (asked.method !== "GET") return { status: 405 };
  const to = entrances[rest.join("/")];
  return to && asked.webSocket === (to !== "page") && rest.length > 0 ? { to, query: new URLSearchParams(query) } : { status: 404 };
}

const entrances: Readonly<Record<string, Entrance | undefined>> = { "": "page", ws: "messages", tty: "terminal" };

/** In a time that tells nothing of where they differ. */
function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
