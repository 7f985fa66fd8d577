/** A router of the lab, as a test speaks of it. */
import type { RunResult } from "../lab/host.ts";
import { atCaller } from "./at-caller.ts";

/** What a router needs of its lab. */
export interface LabOfRouter {
  tool(router: string, argv: readonly string[]): Promise<RunResult>;
  set(router: string, settings: Readonly<Record<string, string | number>>): Promise<void>;
  reboot(router: string): Promise<void>;
}

export class TestRouter {
  readonly name: string;
  readonly #lab: LabOfRouter;

  constructor(name: string, lab: LabOfRouter) {
    this.name = name;
    this.#lab = lab;
  }

  /** Runs ip, nft, tc, conntrack or tcpdump on the router, to its end. A non-zero exit status is a result. */
  run(argv: readonly string[]): Promise<RunResult> {
    return atCaller(this.run, () => this.#lab.tool(this.name, argv));
  }

  /**
   * Kernel settings of the router, e.g. `{ "net.netfilter.nf_conntrack_tcp_timeout_established": 2 }` (seconds): its NAT forgets a connection
   * after that much silence. They are as before when the test ends.
   */
  set(settings: Readonly<Record<string, string | number>>): Promise<void> {
    return atCaller(this.set, () => this.#lab.set(this.name, settings));
  }

  /** Off and on again: its uplink is silent for that time, and its NAT has forgotten every connection. */
  reboot(): Promise<void> {
    return atCaller(this.reboot, () => this.#lab.reboot(this.name));
  }
}
