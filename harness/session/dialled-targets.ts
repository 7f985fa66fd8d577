/**
 * Makes a host dial targets without a visitor of a forward. Dials that rules drop for good are aborted as soon as the trace shows it: the dialling process
 * reports the failure or tries the target's next address, without waiting for the kernel's timers.
 */
import type { Fabric } from "../lab/fabric.ts";
import type { HeldSettings } from "../lab/held-settings.ts";
import { soonGivenUp } from "../probe/dial-fallback.ts";
import type { Dial } from "../probe/probe.ts";
import { repeats } from "../probe/retransmission.ts";
import type { LabServers } from "./lab-servers.ts";

export class DialledTargets {
  readonly #fabric: Fabric;
  readonly #servers: LabServers;
  readonly #settings: HeldSettings;

  constructor(fabric: Fabric, servers: LabServers, settings: HeldSettings) {
    this.#fabric = fabric;
    this.#servers = servers;
    this.#settings = settings;
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
    return this.#servers.visit([visit], () => this.#settings.during(dial.at, soonGivenUp, () => this.#endingLost(dial, repeated)));
  }

  async #endingLost<T>({ addresses: _, ...dial }: Dial, work: () => Promise<T>): Promise<T> {
    const { ending } = await this.#fabric.request("end_lost_dials", { dial });
    try {
      return await work();
    } finally {
      await this.#fabric.request("leave_lost_dials", { ending });
    }
  }
}
