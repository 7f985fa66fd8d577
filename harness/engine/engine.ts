/** What the rest of the harness sees of an engine. */

import type Dockerode from "dockerode";

/** A Docker-compatible engine that answered. It holds no open socket: each call makes its own. */
export interface Engine {
  docker: Dockerode;
  /** `embedded`: the one that forwardlab itself started from this cache folder. */
  kind: "host" | "embedded";
  /** As DOCKER_HOST writes it, e.g. `unix:///var/run/docker.sock`. */
  endpoint: string;
  /** The same for clients without ssh support; valid while this process runs. */
  dockerHost: string;
  /** What named the endpoint, e.g. `DOCKER_HOST` or `docker context "colima"`. */
  source: string;
  product: "Docker" | "Podman";
  /** The engine's own version, e.g. `28.2.2`. */
  version: string;
  apiVersion: string;
  /** As Docker names it, e.g. `amd64`. */
  architecture: string;
}
