/** The hosts' containers as Testcontainers starts them: no network, no mount, no published port, removed by the engine when their first process ends. */
import { realpathSync } from "node:fs";
import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer } from "testcontainers";
import { hostLabel, labLabel } from "../engine/labels.ts";
import { hostCapabilities, limits, noNewPrivileges, rightsOf } from "./confinement.ts";
import { withoutEngineNetwork } from "./fabric-container.ts";
import { engineChanged } from "./lab-gone.ts";

export interface Role {
  /** Id of the lab. */
  lab: string;
  /** Host that the container stands for. */
  host: string;
  labels: Record<string, string>;
}

/** A container of the lab is ready when it is started: what runs in it is started, and waited for, through the fabric. */
class Started {
  async waitUntilReady(): Promise<void> {}
  withStartupTimeout(): this {
    return this;
  }
  isStartupTimeoutSet(): boolean {
    return false;
  }
  getStartupTimeout(): number {
    return 60_000;
  }
}

/**
 * Testcontainers asks the engine of DOCKER_HOST, and where that does not answer any more, the one of the usual socket: hosts would start there, where
 * no fabric is and nobody removes them. Rejects with code `ENGINE_CHANGED`.
 * @param ours the socket of the lab's own engine; undefined: reached in another way
 */
export async function requireSameEngine(ours: string | undefined): Promise<void> {
  const { container } = await theirClient();
  const { socketPath: theirs } = container.dockerode.modem as { socketPath?: string };
  if (!theirs || (ours && real(ours) === real(theirs))) return;
  throw Object.assign(new Error(`Testcontainers found ${theirs}`), { code: engineChanged });
}

let client: ReturnType<typeof getContainerRuntimeClient> | undefined;

/** Asked by several at the same time, Testcontainers would look for an engine, and at all that it tells of itself, once for each. */
function theirClient(): ReturnType<typeof getContainerRuntimeClient> {
  client ??= getContainerRuntimeClient().catch((error: unknown) => {
    client = undefined;
    throw error;
  });
  return client;
}

/** A path that is not there is told as it is. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The process id that the engine's machine gives a container's first process. */
export async function pidOf(container: StartedTestContainer): Promise<number> {
  const { container: engine } = await theirClient();
  const { State } = await engine.dockerode.getContainer(container.getId()).inspect();
  return State.Pid;
}

/** A host: any image, kept alive by an init that reaps, entered from outside. */
export class HostContainer extends GenericContainer {
  constructor(image: string, { lab, host, labels }: Role) {
    super(image);
    this.withNetworkMode("none")
      .withAutoCleanup(false) // The lab's own watchdog cleans up: no reaper image, no mounted socket.
      .withLabels({ ...labels, [labLabel]: lab, [hostLabel]: host })
      .withEnvironment({ FORWARDLAB_LAB: lab })
      .withEntrypoint(["sleep"])
      .withCommand(["2147483647"])
      .withHostname(host)
      // Any wait but the default one, which inspects the image and opens no port here anyway.
      .withWaitStrategy(new Started());
    this.createOpts.NetworkDisabled = withoutEngineNetwork;
    Object.assign(this.hostConfig, {
      AutoRemove: true,
      Init: true,
      ...rightsOf(hostCapabilities),
      ...limits,
      SecurityOpt: [noNewPrivileges],
    });
  }
}
