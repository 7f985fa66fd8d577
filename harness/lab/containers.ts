/** The lab's containers as Testcontainers starts them: no network, no mount, no published port, removed by the engine when their first process ends. */
import { GenericContainer } from "testcontainers";

export const labLabel = "forwardlab.lab";
export const hostLabel = "forwardlab.host";
export const keptLabel = "forwardlab.name";

class LabContainer extends GenericContainer {
  constructor(image: string, lab: string, role: string, name: string | undefined) {
    super(image);
    this.withNetworkMode("none")
      .withAutoCleanup(false) // The lab's own watchdog cleans up: no reaper image, no mounted socket.
      .withLabels({ [labLabel]: lab, [hostLabel]: role, ...(name ? { [keptLabel]: name } : {}) })
      .withEnvironment({ FORWARDLAB_LAB: lab })
      // Any wait but the default one, which inspects the image and opens no port here anyway.
      .withWaitStrategy(new Started());
    this.hostConfig.AutoRemove = true;
  }
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

/** A host: any image, kept alive by an init that reaps, entered from outside. */
export class HostContainer extends LabContainer {
  constructor(image: string, lab: string, host: string, name?: string) {
    super(image, lab, host, name);
    this.withEntrypoint(["sleep"]).withCommand(["2147483647"]).withHostname(host);
    this.hostConfig.Init = true;
  }
}

/** Switches, routers and the agent that drives everything; attached to before it starts. */
export class FabricContainer extends LabContainer {
  readonly #attach: (id: string) => Promise<void>;

  constructor(image: string, lab: string, attach: (id: string) => Promise<void>, name?: string) {
    super(image, lab, "fabric", name);
    this.#attach = attach;
    // Not --privileged, which fails on some CI machines: just what namespaces, firewalls and entering hosts need.
    this.withAddedCapabilities("SYS_ADMIN", "NET_ADMIN", "NET_RAW", "SYS_PTRACE", "KILL", "SYS_CHROOT");
    this.withSecurityOpt("apparmor=unconfined", "label=disable");
    this.hostConfig.PidMode = "host";
    Object.assign(this.createOpts, { OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true });
  }

  protected override async containerCreated(id: string): Promise<void> {
    await this.#attach(id);
  }
}
