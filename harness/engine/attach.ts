/** The streams of a container that has not started yet. */
import type { Duplex } from "node:stream";
import type Docker from "dockerode";

/** What a container is created with, to be attached to; its input ends with the one that attached. */
export const attachable = { OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true } as const;

/**
 * Standard input, output and error, as the engine multiplexes them. dockerode's own `attach` repeats its options in the request's body; Docker ignores
 * them there, Podman passes them to the container as input.
 */
export function attachStreams(container: Docker.Container): Promise<Duplex> {
  const given = new AbortController();
  const request = {
    abortSignal: given.signal,
    // Of a path with a query and no options, dockerode takes the last character to be an empty query's.
    path: `/containers/${container.id}/attach?stream=1&stdin=1&stdout=1&stderr=1&`,
    method: "POST",
    isStream: true,
    hijack: true,
    openStdin: true,
    file: Buffer.alloc(0),
    headers: { "Content-Type": "text/plain" },
    statusCodes: { 101: true, 200: true, 404: "no such container", 409: "the container is in another state", 500: "server error" },
  };
  return new Promise((resolve, reject) => {
    container.modem.dial(request as never, (error: unknown, stream: unknown) => {
      if (!error) return resolve(stream as Duplex);
      // An engine that refuses may leave its answer open, which would keep this process.
      given.abort();
      reject(error);
    });
  });
}
