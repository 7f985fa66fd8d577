/** The lab's containers as Testcontainers starts them: no network, no mount, no published port, removed by the engine when their first process ends. */
import { GenericContainer } from "testcontainers";
import { hostLabel, labLabel } from "./labels.ts";

export interface Role {
  /** Id of the lab. */
  lab: string;
  /** Host that the container stands for, or `fabric`. */
  host: string;
  labels: Record<string, string>;
}

class LabContainer extends GenericContainer {
  constructor(image: string, { lab, host, labels }: Role) {
    super(image);
    this.withNetworkMode("none")
      .withAutoCleanup(false) // The lab's own watchdog cleans up: no reaper image, no mounted socket.
      .withLabels({ ...labels, [labLabel]: lab, [hostLabel]: host })
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
  constructor(image: string, role: Role) {
    super(image, role);
    this.withEntrypoint(["sleep"]).withCommand(["2147483647"]).withHostname(role.host);
    this.hostConfig.Init = true;
  }
}

/** Switches, routers and the agent that drives everything; attached to before it starts. */
export class FabricContainer extends LabContainer {
  readonly #attach: (id: string) => Promise<void>;

  constructor(image: string, role: Role, attach: (id: string) => Promise<void>) {
    super(image, role);
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
