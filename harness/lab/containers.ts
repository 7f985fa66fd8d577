/** The hosts' containers as Testcontainers starts them: no network, no mount, no published port, removed by the engine when their first process ends. */
import { realpathSync } from "node:fs";
import type Docker from "dockerode";
import { GenericContainer, getContainerRuntimeClient } from "testcontainers";
import { hostLabel, labLabel } from "../engine/labels.ts";
import { hostCapabilities, limits, noNewPrivileges, rightsOf } from "./confinement.ts";
import { withoutEngineNetwork } from "./fabric-container.ts";
import { labGone } from "./lab-gone.ts";

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
 * no fabric is and nobody removes them.
 * @throws UserError `lab-gone`
 */
export async function requireSameEngine(docker: Docker): Promise<void> {
  const { container } = await getContainerRuntimeClient();
  const [ours, theirs] = [docker, container.dockerode].map(socketOf);
  if (theirs !== undefined && theirs !== ours)
    throw labGone("the engine does not answer any more: another one does", new Error(`Testcontainers found ${theirs}`));
}

/** Undefined: reached in another way. */
function socketOf({ modem }: Docker): string | undefined {
  const { socketPath } = modem as { socketPath?: string };
  if (!socketPath) return undefined;
  try {
    return realpathSync(socketPath);
  } catch {
    return socketPath;
  }
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
