/** A router of the lab, as a test speaks of it. */
import type { RunResult } from "../lab/host.ts";
import type { Changes, Settings } from "../session/changes.ts";
import { atCaller } from "./at-caller.ts";
import { type LabRecorder, settingsText } from "./recorder.ts";

export class TestRouter {
  readonly name: string;
  readonly #changes: Changes;
  readonly #recorder: LabRecorder | undefined;

  constructor(name: string, changes: Changes, recorder?: LabRecorder) {
    this.name = name;
    this.#changes = changes;
    this.#recorder = recorder;
  }

  /** Runs ip, nft, tc, conntrack or tcpdump on the router, to its end. A non-zero exit status is a result. */
  run(argv: readonly string[]): Promise<RunResult> {
    return atCaller(this.run, async () => {
      const result = await this.#changes.tool(this.name, argv);
      this.#recorder?.command(this.name, argv, result);
      return result;
    });
  }

  /**
   * Kernel settings of the router, e.g. `{ "net.netfilter.nf_conntrack_tcp_timeout_established": 2 }` (seconds): its NAT forgets a connection
   * after that much silence. They are as before when the test ends.
   */
  set(settings: Settings): Promise<void> {
    return atCaller(this.set, async () => {
      await this.#changes.set(this.name, settings);
      this.#recorder?.change(this.name, "set", settingsText(settings));
    });
  }

  /** Off and on again: its uplink is silent for that time, and its NAT has forgotten every connection. */
  reboot(): Promise<void> {
    return atCaller(this.reboot, async () => {
      this.#recorder?.change(this.name, "cut");
      await this.#changes.reboot(this.name);
      this.#recorder?.change(this.name, "mended", "conntrack -F");
    });
  }
}
