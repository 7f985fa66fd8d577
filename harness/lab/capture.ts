/** What passes at a host or a router of the lab. */
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Lab } from "./lab.ts";
import { spawnAt } from "./running-host.ts";

/** Packets at one place, from the moment it resolved. Disposing it ends it, and throws a UserError when the kernel could not keep up. */
export interface Capture extends AsyncDisposable {
  /** All so far, in order: a line with interface, addresses and ports, then what it carries as text, with a dot for what is no letter. */
  readonly packets: readonly string[];
}

/** Of each packet, bytes: a slot of the kernel's buffer takes as much, however short the packet. The buffer, KiB: 2048 slots. */
const [longest, buffer] = [16_384, 32_768];

const tcpdump = ["tcpdump", "-i", "any", "-n", "-A", "-s", `${longest}`, "-B", `${buffer}`, "-l", "--immediate-mode", "-Z", "root"];

const todo = "use a narrower filter, or send less traffic";

/** Each begins with its time. */
const beforePacket = /\n(?=\d\d:\d\d:\d\d\.\d{6} )/;

/** @throws UserError `unknown-host`; `program` for a filter that tcpdump does not understand */
export async function capturePackets(lab: Lab, name: string, filter = ""): Promise<Capture> {
  const names = [...Object.keys(lab.spec.hosts), ...Object.keys(lab.spec.routers)];
  if (!names.includes(name))
    throw new UserError("unknown-host", `the lab has no host or router ${name}`, {
      fault: faultOf("host-unknown", { name, is: "either", known: names }),
      expected: names.join(", "),
    });
  const program = await spawnAt(lab.fabric, name, [...tcpdump, filter], { networkOnly: true });
  try {
    await program.waitForLine((text) => (/listening on/.test(text) ? true : undefined));
  } catch {
    throw new UserError("program", `cannot capture at ${name} with the filter \`${filter}\``, {
      fault: faultOf("capture-filter", { name, filter }),
      log: program.log.join("\n"),
    });
  }
  let over = false;
  return {
    get packets() {
      const lines = program.lines.flatMap(({ stream, text }) => (stream === "stdout" ? [text] : []));
      return lines.length === 0 ? [] : lines.join("\n").split(beforePacket);
    },
    [Symbol.asyncDispose]: async () => {
      if (over) return;
      over = true;
      await using _ended = program;
      await program.kill("SIGUSR1"); // It tells its counts.
      const lost = await program.waitForLine((text) => /(\d+) packets? dropped by kernel/.exec(text)?.[1]);
      if (lost !== "0")
        throw new UserError(
          "capture-lost",
          `the capture at ${name} lost ${lost} packets: a packet that is missing from it proves nothing`,
          { fault: faultOf("capture-lost", { name, lost: Number(lost) }), todo },
        );
    },
  };
}
