/** One endpoint -> an engine that answered, or the reason why not in a person's words. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type Dockerode from "dockerode";
import type { Candidate } from "./endpoints.ts";
import type { Engine } from "./engine.ts";
import { loadDockerode } from "./load-dockerode.ts";
import { sshTarget, sshTunnel } from "./ssh-tunnel.ts";

/** A socket on this machine answers in milliseconds; a remote one may be far away. */
const ANSWER_MS = 5000;

export type Connection =
  | { engine: Engine; reason?: undefined; remedy?: undefined }
  | { engine?: undefined; reason: string; remedy?: Remedy };

/** What may help: to wait, for it may be about to answer; or to be given the right to use it. */
export type Remedy = "wait" | "permission";

/** Asks an endpoint for its version. Never throws. */
export async function connect(candidate: Candidate, embedded: string): Promise<Connection> {
  const opened = await open(candidate);
  if (typeof opened === "string") return { reason: opened };
  try {
    // Given up, a request must not stay open: this process could not end.
    const ask = opened.version.bind(opened) as (options: { abortSignal: AbortSignal }) => Promise<Dockerode.DockerVersion>;
    const version = await ask({ abortSignal: AbortSignal.timeout(ANSWER_MS) });
    if (version.Os && version.Os !== "linux") return { reason: `runs ${version.Os} containers, the lab needs Linux ones` };
    return {
      engine: {
        docker: opened,
        kind: candidate.endpoint === embedded ? "embedded" : "host",
        endpoint: candidate.endpoint,
        dockerHost: await dockerHost(candidate.endpoint),
        source: candidate.source,
        product: productOf(version),
        version: version.Version,
        apiVersion: version.ApiVersion,
        architecture: version.Arch,
      },
    };
  } catch (error) {
    const { socket } = sshTarget(candidate.endpoint) ?? {};
    // What ssh cannot reach at the other end, it closes.
    if (socket) return { reason: `logged in, but ${socket} there is not an engine's socket that this login may use (${reasonOf(error)})` };
    const remedy = remedyFor(error);
    return { reason: reasonOf(error), ...(remedy ? { remedy } : {}) };
  }
}

/** What other clients of this machine's may call it while this process lives. */
async function dockerHost(endpoint: string): Promise<string> {
  if (!endpoint.startsWith("ssh://")) return endpoint;
  return `unix://${(await sshTunnel(endpoint)).socket}`;
}

function remedyFor(error: unknown): Remedy | undefined {
  const { code = "", name } = error as NodeJS.ErrnoException;
  if (["EACCES", "EPERM"].includes(code)) return "permission";
  // As it is while a service starts: its name is not known yet, nothing listens, or what listens says nothing.
  const starting = ["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "ABORT_ERR", "EPIPE"].includes(code) || name === "TimeoutError";
  return starting ? "wait" : undefined;
}

/** Podman's engine tells its own name only among its components. */
function productOf({ Components }: Dockerode.DockerVersion): Engine["product"] {
  return Components?.some(({ Name }) => /podman/i.test(Name)) ? "Podman" : "Docker";
}

/**
 * What is not given, dockerode takes from DOCKER_HOST, which may name another engine (DOCKER_CONTEXT overrides it); of ssh:// it would
 * log in by itself, whatever key the host shows.
 */
const nothingElse = { host: undefined, port: undefined, protocol: "http", ca: undefined, cert: undefined, key: undefined } as const;

/** A client for the endpoint, or why there cannot be one. Opens nothing yet, but the way to another machine. */
async function open({ endpoint, tls }: Candidate): Promise<Dockerode | string> {
  // Takes its time to load, which whoever has a fault in a policy need not wait for.
  const Dockerode = await loadDockerode();
  const [, scheme = "", rest = ""] = /^([a-z]+):\/*(.*)$/.exec(endpoint) ?? [];
  if (scheme === "unix") {
    const socketPath = `/${rest}`;
    return existsSync(socketPath) ? new Dockerode({ socketPath, ...nothingElse }) : "no such socket";
  }
  if (scheme === "npipe") return new Dockerode({ socketPath: endpoint.replace(/^npipe:/, "") });
  if (scheme === "context") return "no such docker context (see `docker context ls`)";
  if (scheme === "ssh") {
    const { socket, reason } = await sshTunnel(endpoint);
    return socket === undefined ? reason : new Dockerode({ socketPath: socket, ...nothingElse });
  }
  if (!["tcp", "http", "https"].includes(scheme)) return "not an address of the form unix:///path or tcp://host:port";
  try {
    const { hostname, port } = new URL(`http://${rest}`);
    if (!tls) return new Dockerode({ host: hostname, port: port || "2375", protocol: scheme === "https" ? "https" : "http" });
    const [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map((file) => readFileSync(join(tls, file), "utf8"));
    return new Dockerode({ host: hostname, port: port || "2376", protocol: "https", ca, cert, key });
  } catch (error) {
    return reasonOf(error);
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  if (code === "ECONNREFUSED") return "nothing listens there: the engine has been stopped or has died";
  if (code === "ENOENT") return "no such file";
  if (code === "ABORT_ERR" || (error as Error).name === "TimeoutError") return `no answer within ${ANSWER_MS / 1000} s`;
  return message || String(code ?? error);
}
