/** The lab's services, and TCP connections as streams: `containers/agent/services.py`, `streams.py`. */
import { z } from "zod";
import { address, base64, nothing, operation, place, port } from "./operation.ts";

const stream = z.int();

export const serviceOperations = {
  listen: operation({ host: place, address, port, identity: z.string() }, nothing),
  unlisten: operation({ host: place, address, port }, nothing),
  listen_on_path: operation({ host: place, path: z.string(), mode: z.int(), identity: z.string() }, nothing),
  unlisten_on_path: operation({ host: place, path: z.string() }, nothing),
  dial: operation({ host: place, address, port, timeoutMs: z.number().optional() }, z.object({ stream })),
  stream_write: operation({ stream, data: base64 }, nothing),
  stream_half_close: operation({ stream }, nothing),
  stream_close: operation({ stream }, nothing),
};
