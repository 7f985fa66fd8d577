/** The server of the lessons: one page and its WebSockets, for this machine's own user alone. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { type ToldError, toldError, UserError } from "../../core/errors.ts";
import { faultOf } from "../../core/fault.ts";
import type { LearnMessage, LearnRequest } from "../../core/lesson.ts";
import { failureOf } from "../../session/failure.ts";
import { type Asked, admit, type Door } from "./guard.ts";
import type { Learner } from "./learner.ts";
import { parseRequest } from "./requests.ts";
import { serveTerminal } from "./serve-terminal.ts";

/** Bytes of a message. */
const maxMessage = 1_048_576;
const address = "127.0.0.1";

export interface LearnServer extends AsyncDisposable {
  /** With the token: whoever has it may do what the learner may. */
  readonly url: string;
}

export interface ServerOptions {
  learner: Learner;
  /** The page as it is served. */
  page: string;
  /** Left out: any that is free. */
  port?: number;
}

/** @throws UserError `port` where the port cannot be had */
export async function startServer({ learner, page, port = 0 }: ServerOptions): Promise<LearnServer> {
  const token = randomBytes(16).toString("hex");
  const http = createServer();
  await listen(http, port);
  const door: Door = { port: (http.address() as AddressInfo).port, token };
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessage, perMessageDeflate: false });
  const headers = headersOf(page);
  http.on("request", (request, response) => {
    const admitted = admit(askedBy(request, false), door);
    if ("status" in admitted) refuse(response, admitted.status);
    else response.writeHead(200, { ...headers, "Content-Type": "text/html; charset=utf-8" }).end(page);
  });
  http.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    const admitted = admit(askedBy(request, true), door);
    if ("status" in admitted) {
      socket.end(`HTTP/1.1 ${admitted.status} ${words[admitted.status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on("error", () => webSocket.terminate());
      if (admitted.to === "messages") serveMessages(webSocket, learner);
      else void serveTerminal(webSocket, learner, admitted.query);
    });
  });
  return {
    url: `http://${address}:${door.port}/${token}/`,
    async [Symbol.asyncDispose]() {
      for (const client of sockets.clients) client.terminate();
      const closed = once(http, "close");
      http.close();
      http.closeAllConnections();
      await closed;
    },
  };
}

async function listen(http: Server, port: number): Promise<void> {
  try {
    await once(http.listen(port, address), "listening");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new UserError("port", `cannot listen on ${address}:${port}: ${code ?? message}`, {
      fault: faultOf("port-unavailable", { address: `${address}:${port}`, why: code ?? message }),
      todo: "choose another port, or leave out --port",
      cause,
    });
  }
}

function askedBy(request: IncomingMessage, webSocket: boolean): Asked {
  const { method = "", url = "", headers } = request;
  return { method, url, host: headers.host, origin: headers.origin, webSocket };
}

const words = { 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 421: "Misdirected Request" } as const;

const shut = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
};

function refuse(response: ServerResponse, status: keyof typeof words): void {
  const headers = { ...shut, "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Content-Type": "text/plain" };
  response.writeHead(status, headers).end(`${words[status]}\n`);
}

/** The page's own policy, and what only a header can say. */
function headersOf(page: string): Record<string, string> {
  const [, own = "default-src 'none'"] = /<meta http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  return { ...shut, "Content-Security-Policy": `${own}; frame-ancestors 'none'` };
}

function serveMessages(webSocket: WebSocket, learner: Learner): void {
  const tell = (message: LearnMessage) => webSocket.send(JSON.stringify(message));
  const leave = learner.join(tell);
  webSocket.on("close", leave);
  webSocket.on("message", (data, isBinary) => void answer(data, isBinary));

  async function answer(data: RawData, isBinary: boolean): Promise<void> {
    let asked: LearnRequest["do"] | null = null;
    try {
      const request = parseRequest(isBinary ? "" : String(data));
      asked = request.do;
      await learner.handle(request, tell);
    } catch (thrown) {
      tell({ of: "error", request: asked, error: told(failureOf(thrown)) });
    }
  }
}

function told(error: unknown): ToldError {
  if (error instanceof UserError) return toldError(error);
  return { message: error instanceof Error ? error.message : String(error) };
}
