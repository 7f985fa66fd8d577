/** Which image each container of a lab is started from: an engine is found, and what is missing there is built or pulled. */

import { abortable } from "../core/abortable.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type HostSpec, isServer, type LabSpec, mainServer } from "../core/lab-spec.ts";
import type { Progress } from "../core/step.ts";
import {
  type Engine,
  ensureEngine,
  ensureImages,
  type ImageRef,
  type ImageRequest,
  imageKey,
  imageRequest,
  type Suite,
} from "../engine/index.ts";

/** Debian suite of the server's OpenSSH, or an image. */
export type ServerImage = { suite: Suite } | { image: string };

export interface LabImages {
  engine: Engine;
  /** The spec with references that the engine knows in the place of the names it was given. */
  spec: LabSpec;
  fabric: ImageRef;
  /** Of every host that names none. */
  host: ImageRef;
  /** Image of each container, for a person. */
  used: { host: string; ref: ImageRef }[];
}

const fabricImage: ImageRequest = { target: "fabric" };
const hostImage: ImageRequest = { target: "host" };

/**
 * @param servers what hosts that run sshd are started from; left out: the lab's own
 * @throws UserError `lab-spec` for a spec without a server, and whatever keeps an engine or an image away
 */
export async function prepareImages(
  spec: LabSpec,
  servers: Readonly<Record<string, ServerImage>>,
  { progress, signal, pull }: { progress: Progress; signal?: AbortSignal; pull?: boolean },
): Promise<LabImages> {
  if (!spec.hosts[mainServer])
    throw new UserError("lab-spec", "the lab has no host `server`", {
      fault: faultOf("lab-without-server", {}),
      expected: "a host named `server`, which runs sshd",
    });
  const own = Object.entries(spec.hosts).flatMap(([host, hostSpec]) => {
    const request = serverRequest(servers[host]) ?? requestOf(hostSpec) ?? (isServer(spec, host) ? hostImage : undefined);
    return request ? [{ host, request }] : [];
  });
  const engine = await abortable(ensureEngine({ progress }), signal);
  const requests = [fabricImage, hostImage, ...own.map(({ request }) => request)];
  const refs = await abortable(ensureImages(engine, requests, { progress, ...(pull === undefined ? {} : { pull }) }), signal);
  const refOf = (request: ImageRequest) => refs[imageKey(request)] as ImageRef;
  const hosts = { ...spec.hosts };
  for (const { host, request } of own) hosts[host] = { ...(hosts[host] as HostSpec), image: refOf(request).reference };
  const used = [{ host: "fabric", request: fabricImage }, { host: "hosts", request: hostImage }, ...own];
  return {
    engine,
    spec: { ...spec, hosts },
    fabric: refOf(fabricImage),
    host: refOf(hostImage),
    used: used.map(({ host, request }) => ({ host, ref: refOf(request) })),
  };
}

function requestOf({ image }: HostSpec): ImageRequest | undefined {
  return image === undefined ? undefined : imageRequest(image);
}

function serverRequest(server: ServerImage | undefined): ImageRequest | undefined {
  if (!server) return undefined;
  return "image" in server ? imageRequest(server.image) : { target: "host", suite: server.suite };
}
