/** A link that is cut while the lab runs: packets vanish, and nobody is told. */
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import { uplinkInterface, wireInterface } from "./interface-names.ts";
import type { Lab } from "./lab.ts";
import { outputOfTool } from "./tool.ts";
import { bridgeOf, switchNamespace, switchPort } from "./wiring.ts";

interface Step {
  namespace: string;
  argv: string[];
}

/** A link that is down. Disposing it mends it; a second time does nothing. */
export interface Cut extends AsyncDisposable {
  readonly of: string;
}

/** A switch's port that belongs to no bridge, and a wire whose two ends throw away what they send: neither end sees its carrier go. */
function cutSteps(spec: LabSpec, name: string): { cut: Step[]; mend: Step[] } {
  const atSwitch = (lan: string, peer: string) => {
    const port = switchPort(spec, name, peer);
    return {
      cut: [{ namespace: switchNamespace, argv: ["ip", "link", "set", "dev", port, "nomaster"] }],
      mend: [{ namespace: switchNamespace, argv: ["ip", "link", "set", "dev", port, "master", bridgeOf(spec, lan)] }],
    };
  };
  const onWire = (upper: string, peer: string) => {
    const ends = [
      { namespace: upper, device: wireInterface(name) },
      { namespace: name, device: peer },
    ];
    const qdisc = (verb: string) =>
      ends.map(({ namespace, device }) => ({ namespace, argv: ["tc", "qdisc", verb, "dev", device, "root", "blackhole"] }));
    return { cut: qdisc("add"), mend: qdisc("del") };
  };
  const host = spec.hosts[name];
  const uplink = spec.routers[name]?.uplink;
  const ofHost = (host?.interfaces ?? []).map(({ link, name: end }) =>
    "lan" in link ? atSwitch(link.lan, end) : onWire(link.router, end),
  );
  const wires = !host && uplink ? [onWire(uplink.router, uplinkInterface)] : ofHost;
  return { cut: wires.flatMap(({ cut }) => cut), mend: wires.flatMap(({ mend }) => mend) };
}

/**
 * Cuts all links of a host, or the uplink of a router, silently: both ends keep their carrier, addresses and routes, as when the line
 * breaks somewhere between them.
 * @throws UserError `unknown-host` for what has no link to cut
 */
export async function cutLink(lab: Lab, name: string): Promise<Cut> {
  const { cut, mend } = cutSteps(lab.spec, name);
  if (cut.length === 0) {
    const known = [
      ...Object.keys(lab.spec.hosts),
      ...Object.entries(lab.spec.routers).flatMap(([router, { uplink }]) => (uplink ? [router] : [])),
    ];
    throw new UserError("unknown-host", `${name} has no link to cut`, {
      fault: faultOf("no-link-to-cut", { name, known }),
      expected: known.join(", "),
    });
  }
  const all = async (steps: Step[]) => {
    for (const step of steps) await outputOfTool(lab.fabric, step.namespace, step.argv);
  };
  await all(cut);
  let mended = false;
  return {
    of: name,
    [Symbol.asyncDispose]: async () => {
      if (mended) return;
      mended = true;
      await all(mend);
    },
  };
}
