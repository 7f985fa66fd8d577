/** A terminal of the lab over a WebSocket: binary frames are its bytes, both ways; a text frame is its size. */
import type { RawData, WebSocket } from "ws";
import type { Learner } from "./learner.ts";
import type { TerminalPort } from "./live-port.ts";
import { parseSize, type Size } from "./requests.ts";

/** Until the page says how large it is. */
const usual: Size = { cols: 80, rows: 24 };
/** Unsent bytes at which the shell has to wait. */
const high = 1_048_576;

/** Codes with which a WebSocket is closed: as intended, and for a fault of this side. */
const normal = 1000;
const failed = 1011;

export async function serveTerminal(webSocket: WebSocket, learner: Learner, query: URLSearchParams): Promise<void> {
  // Typed before the shell is there.
  const early: { data: RawData; isBinary: boolean }[] = [];
  const keep = (data: RawData, isBinary: boolean) => early.push({ data, isBinary });
  webSocket.on("message", keep);
  let terminal: TerminalPort;
  try {
    terminal = await learner.terminal(query.get("host") ?? "", usual);
  } catch (error) {
    webSocket.close(failed, reasonOf(error));
    return;
  }
  const { stream } = terminal;
  const end = () => void Promise.resolve(terminal[Symbol.asyncDispose]()).catch(() => undefined);
  if (webSocket.readyState !== webSocket.OPEN) return end();
  // In order: what is typed after a new size finds that size.
  let before = Promise.resolve();
  const take = (data: RawData, isBinary: boolean) => {
    before = before.then(() => (isBinary ? void stream.write(data as Buffer) : resize(terminal, String(data), webSocket)));
  };
  webSocket.off("message", keep).on("message", take).on("close", end);
  for (const { data, isBinary } of early) take(data, isBinary);
  stream.on("data", (chunk: Buffer) => {
    webSocket.send(chunk, { binary: true }, () => stream.isPaused() && webSocket.bufferedAmount < high && stream.resume());
    if (webSocket.bufferedAmount >= high) stream.pause();
  });
  stream.once("error", (error) => webSocket.close(failed, reasonOf(error)));
  for (const event of ["end", "close"]) stream.once(event, () => webSocket.close(normal, "the shell has ended"));
}

async function resize(terminal: TerminalPort, text: string, webSocket: WebSocket): Promise<void> {
  try {
    await terminal.resize(parseSize(text));
  } catch (error) {
    webSocket.close(failed, reasonOf(error));
  }
}

/** As much as a closing frame takes: 123 bytes. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return Buffer.from(text)
    .subarray(0, 120)
    .toString()
    .replace(/\ufffd+$/, "");
}
