/** A router of the lab, as a test speaks of it. */
import type { RunResult } from "../lab/host.ts";
import type { Changes, Settings } from "../session/changes.ts";
import { atCaller } from "./at-caller.ts";

export class TestRouter {
  readonly name: string;
  readonly #changes: Changes;

  constructor(name: string, changes: Changes) {
    this.name = name;
    this.#changes = changes;
  }

  /** Runs ip, nft, tc, conntrack or tcpdump on the router, to its end. A non-zero exit status is a result. */
  run(argv: readonly string[]): Promise<RunResult> {
    return atCaller(this.run, () => this.#changes.tool(this.name, argv));
  }

  /**
   * Kernel settings of the router, e.g. `{ "net.netfilter.nf_conntrack_tcp_timeout_established": 2 }` (seconds): its NAT forgets a connection
   * after that much silence. They are as before when the test ends.
   */
  set(settings: Settings): Promise<void> {
    return atCaller(this.set, () => this.#changes.set(this.name, settings));
  }

  /** Off and on again: its uplink is silent for that time, and its NAT has forgotten every connection. */
  reboot(): Promise<void> {
    return atCaller(this.reboot, () => this.#changes.reboot(this.name));
  }
}
