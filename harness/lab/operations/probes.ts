/** Probes, and what was seen of them: `containers/agent/probing.py`, `sockets.py`, `observation.py`. Facts only, no verdict. */
import { z } from "zod";
import { address, base64, nothing, operation, place, port } from "./operation.ts";

/** Where and to which port ssh or sshd dials the forward's target; without `address`, any. `neighbours`: addresses whose lookups its packets depend on. */
const dial = { at: place, port, address: address.optional(), neighbours: z.array(address).readonly().optional() };

/** What both kinds of probe are asked besides their target. */
const talk = {
  send: base64,
  /** The answer is complete when it holds this. */
  until: base64,
  /** What a SOCKS5 proxy at the target is asked for first. */
  socks: z.strictObject({ host: z.string(), port }).optional(),
  /** `patient`: a dropped dial does not end the probe, because another address may be dialled next. `giveUp`: such a dial is aborted, as by `end_lost_dials`. */
  dial: z.strictObject({ ...dial, patient: z.boolean().optional(), giveUp: z.boolean().optional() }).optional(),
  deadlineMs: z.number().min(0).optional(),
};

/** A packet of the probe, seen in one namespace: before its firewall on the way in, after it on the way out. */
const sighting = z.object({
  at: place,
  /** Microseconds of the engine's clock. */
  time: z.number(),
  interface: z.string(),
  way: z.enum(["in", "out"]),
  /** `address port` for TCP; the bare address for an ICMP error. */
  source: z.string(),
  destination: z.string(),
  /** Of S(YN), R(ST), A(CK); empty for an ICMP error. */
  flags: z.string(),
  /** Code of the ICMP "destination unreachable". */
  icmp: z.int().optional(),
});

/** A rule or policy that the kernel evaluated. */
const evaluated = z.object({
  at: place,
  family: z.string(),
  table: z.string(),
  chain: z.string(),
  kind: z.enum(["rule", "policy", "return", "?"]),
  /** Null for what is no rule. */
  handle: z.number().nullable(),
  verdict: z.string(),
});

/** Of a connection attempt: for its SYN (`request`), the answer to it (`reply`), or what came after the handshake, either way (`data`). */
const decision = evaluated.extend({
  direction: z.enum(["request", "reply", "data"]),
  /** `address port`, as the packet had them at that hook: after any destination NAT of an earlier one. */
  source: z.string(),
  destination: z.string(),
});

/** An ARP or neighbour discovery packet that was dropped; `asked`: the address whose owner was looked for. */
const lookup = evaluated.extend({ asked: address, message: z.enum(["solicit", "advert"]) });

/** The SYN came by one of the lab's own chains; see `harness/lab/observation-rules.ts`. */
const passage = z.object({ at: place, chain: z.string(), source: z.string(), destination: z.string() });

/** One connection attempt. */
export const attempt = { sightings: z.array(sighting), decisions: z.array(decision), passages: z.array(passage) };

const answer = {
  ...attempt,
  /** `connected`, `pending` (no answer while it was watched) or an errno name. */
  connect: z.string(),
  received: base64,
  /** How the conversation ended: `answered`, `eof`, `silent` or an errno name; null when there was none. */
  end: z.string().nullable(),
  /** Second byte of the SOCKS5 reply, when the probe went through a proxy. */
  socksReply: z.int().optional(),
  /** Attempts to reach the forward's target that began during the probe. */
  dials: z.array(z.object(attempt)),
  /** Another probe waited for a dial to the same target at the same time: these may be its. */
  dialsShared: z.boolean(),
  /** Dropped lookups that the probe's own packets hang on. */
  neighbours: z.array(lookup),
  /** The same for the dial. */
  dialNeighbours: z.array(lookup),
  /** The kernel dropped trace messages while the probe ran. */
  traceLost: z.boolean(),
  ms: z.number(),
};

export const probeOperations = {
  probe: operation(
    {
      ...talk,
      from: place,
      address,
      port,
      /** One of the host's own. Default: the kernel's choice. */
      source: address.optional(),
      sourcePort: port.optional(),
      /** Goes on trying until the deadline, whatever was seen to be dropped. */
      persistent: z.boolean().optional(),
      /** Account that connects. Default: root. */
      user: z.string().optional(),
      /** Neighbour that is the next hop. */
      via: address.optional(),
      /** Whose lookups the probe's packets hang on. */
      neighbours: z.array(address).optional(),
    },
    z.object({ ...answer, source: z.object({ address, port }).optional() }),
  ),
  /** Until `leave_lost_dials`, aborts dials of a target that the trace shows to be lost, as the kernel would minutes later. */
  end_lost_dials: operation({ dial: z.strictObject(dial) }, z.object({ ending: z.int() })),
  leave_lost_dials: operation({ ending: z.int() }, nothing),
  probe_unix_socket: operation({ ...talk, host: place, path: z.string(), user: z.string() }, z.object(answer)),
};
