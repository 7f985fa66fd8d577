/** Makes a host dial targets without a visitor of a forward. */
import type { Fabric } from "../lab/fabric.ts";
import type { HeldSettings } from "../lab/held-settings.ts";
import type { Dial } from "../probe/probe.ts";
import { repeats } from "../probe/retransmission.ts";
import type { LabServers } from "./lab-servers.ts";
import { endingLostDials, type LostDialsIn } from "./lost-dials.ts";

export class DialledTargets {
  readonly #lab: LostDialsIn;
  readonly #servers: LabServers;

  constructor(fabric: Fabric, servers: LabServers, settings: HeldSettings) {
    this.#lab = { fabric, settings };
    this.#servers = servers;
  }

  /**
   * The outcome of a dial, against fresh rules. If stateful rules may meet it, a failed dial is repeated as often as the kernel would retransmit its first
   * packet, because they may let a later one pass.
   * @param failed whether a result means that the dial failed
   */
  dial<T>(dial: Dial, work: () => Promise<T>, failed: (result: T) => boolean): Promise<T> {
    const visit = { host: dial.at, port: dial.port };
    const most = this.#servers.counts(visit) ? repeats : 0;
    const repeated = async () => {
      let result = await work();
      for (let tried = 0; tried < most && failed(result); tried++) result = await work();
      return result;
    };
    return this.#servers.visit([visit], () => endingLostDials(this.#lab, dial, repeated));
  }
}
