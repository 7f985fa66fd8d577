/** Where an engine may listen, in the order in which they are asked. Reads the environment, opens nothing. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export interface Candidate {
  endpoint: string;
  /** What named it. */
  source: string;
  /** The user chose it for this run: when it is dead that is an error, nothing else is tried. */
  explicit: boolean;
  /** Folder with ca.pem, cert.pem and key.pem; for tcp endpoints with TLS. */
  tls?: string;
}

export interface EndpointInputs {
  env: NodeJS.ProcessEnv;
  home: string;
  /** This account's number; undefined on a system without. */
  uid: number | undefined;
  /** Undefined when the file does not exist. */
  read(path: string): string | undefined;
  /** The embedded engine's endpoint. */
  embedded: string;
}

/** What `candidates` needs, from this process. */
export function endpointInputs(embedded: string): EndpointInputs {
  return { env: process.env, home: homedir(), uid: process.getuid?.(), read: readIfThere, embedded };
}

/**
 * All endpoints worth asking, best first, none twice. Order and meaning of the first three are those of the docker command
 * line: https://docs.docker.com/reference/cli/docker/#environment-variables (DOCKER_CONTEXT overrides DOCKER_HOST).
 */
export function candidates(inputs: EndpointInputs): Candidate[] {
  const { env, home } = inputs;
  const found: Candidate[] = [];
  const add = (endpoint: string | undefined, source: string, explicit = false, tls?: string) => {
    if (endpoint && !found.some((other) => other.endpoint === endpoint)) found.push({ endpoint, source, explicit, ...(tls && { tls }) });
  };

  if (env.DOCKER_CONTEXT && env.DOCKER_CONTEXT !== "default") {
    const context = contextEndpoint(inputs, env.DOCKER_CONTEXT);
    add(context.endpoint ?? `context:${env.DOCKER_CONTEXT}`, `DOCKER_CONTEXT=${env.DOCKER_CONTEXT}`, true, context.tls);
  } else if (env.DOCKER_HOST) {
    // The embedded engine's own endpoint, from an earlier run's environment, means "the embedded one": it may be started again.
    const own = env.DOCKER_HOST === inputs.embedded;
    add(env.DOCKER_HOST, "DOCKER_HOST", !own, env.DOCKER_TLS_VERIFY ? (env.DOCKER_CERT_PATH ?? join(home, ".docker")) : undefined);
  } else {
    const current = currentContext(inputs);
    if (current) {
      const context = contextEndpoint(inputs, current);
      add(context.endpoint, `docker context "${current}"`, false, context.tls);
    }
  }
  if (found.some((candidate) => candidate.explicit)) return found;

  add("unix:///var/run/docker.sock", "the usual socket");
  const runtime = runtimeFolders(inputs);
  for (const folder of runtime) add(`unix://${folder}/docker.sock`, "rootless Docker");
  add(`unix://${home}/.docker/run/docker.sock`, "Docker Desktop");
  for (const folder of runtime) add(`unix://${folder}/podman/podman.sock`, "rootless Podman");
  add("unix:///run/podman/podman.sock", "Podman");
  add(inputs.embedded, "forwardlab's embedded engine");
  return found;
}

/**
 * A login by sudo, su, cron or a CI agent has no XDG_RUNTIME_DIR, or that of another account; systemd makes the same folder for each account.
 * Source: pam_systemd(8).
 */
function runtimeFolders({ env, uid }: EndpointInputs): string[] {
  return [...new Set([env.XDG_RUNTIME_DIR || [], uid === undefined ? [] : `/run/user/${uid}`].flat())];
}

function currentContext({ read, env, home }: EndpointInputs): string | undefined {
  const config = parse(read(join(env.DOCKER_CONFIG || join(home, ".docker"), "config.json")));
  const name = config?.currentContext;
  return typeof name === "string" && name !== "default" ? name : undefined;
}

/** Contexts lie in folders named by the SHA-256 of their name: https://docs.docker.com/engine/manage-resources/contexts/ */
function contextEndpoint({ read, env, home }: EndpointInputs, name: string): { endpoint?: string; tls?: string } {
  const folder = join(env.DOCKER_CONFIG || join(home, ".docker"), "contexts");
  const id = createHash("sha256").update(name).digest("hex");
  const endpoint = parse(read(join(folder, "meta", id, "meta.json")))?.Endpoints?.docker?.Host;
  if (typeof endpoint !== "string") return {};
  const tls = join(folder, "tls", id, "docker");
  return read(join(tls, "ca.pem")) === undefined ? { endpoint } : { endpoint, tls };
}

// biome-ignore lint/suspicious/noExplicitAny: another program's file, each field is checked where it is used
function parse(text: string | undefined): any {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
