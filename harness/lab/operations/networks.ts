/** Namespaces, wires, rules and kernel settings: `containers/agent/wiring.py`, `neighbours.py`. */
import { z } from "zod";
import { address, base64, nothing, operation, place, port, words } from "./operation.ts";

/** See `WiringStep` in `harness/lab/wiring.ts`. */
const step = z.strictObject({
  namespace: place,
  settings: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  ip: words.optional(),
  nft: z.string().optional(),
  observe: z.boolean().optional(),
});

/** A status that is not 0 is the tool's, with what it said. */
const outcome = { status: z.int(), stderr: z.string().optional(), stdout: z.string().optional(), argv: words.optional() };

export const networkOperations = {
  build: operation({ namespaces: z.array(place), steps: z.array(step) }, nothing),
  /** `hosts`: first process of each container. */
  adopt: operation({ hosts: z.record(z.string(), z.int()), steps: z.array(step) }, z.object({ withoutTun: z.array(place) })),
  /** What /etc/hosts says in a host that is only a namespace. */
  names: operation({ host: place, content: z.string() }, nothing),
  /** Null for a setting that the kernel does not have. */
  settings: operation({ namespace: place, keys: words }, z.record(z.string(), z.string().nullable())),
  /** Of each namespace, and of the fabric itself under the empty name. */
  interfaces: operation({}, z.record(z.string(), words)),
  tool: operation(
    { namespace: place, argv: words, input: z.string().optional() },
    z.object({ code: z.int(), stdout: z.string(), stderr: z.string() }),
  ),
  /**
   * A user's rules in place of whatever a host has: `nft` is the path of a ruleset, `iptables` has the command lines that load dumps, after it. `files`:
   * path -> base64; `observation`: the lab's own rules.
   */
  firewall: operation(
    {
      namespace: place,
      nft: z.string().optional(),
      iptables: z.array(words).optional(),
      /** Output of `ipset save`. */
      ipsets: z.string().optional(),
      observation: z.string(),
      files: z.record(z.string(), base64),
    },
    z.object(outcome),
  ),
  /** The same rules as at the moment they were loaded; `forgotten`: connections that conntrack knew. */
  reset_firewall: operation({ namespace: place }, z.object({ ...outcome, forgotten: z.int() })),
  flush_neighbours: operation({ namespaces: z.array(place) }, nothing),
  listeners: operation({ host: place }, z.array(z.object({ address, port, inode: z.int(), process: z.string(), pids: z.array(z.int()) }))),
  /** Waits until sockets do not listen any more; false when one still does after that time. */
  listeners_gone: operation({ host: place, inodes: z.array(z.int()).readonly(), timeoutMs: z.number() }, z.boolean()),
  unix_listeners: operation(
    { host: place },
    z.array(
      z.object({
        path: z.string(),
        inode: z.int(),
        process: z.string(),
        pids: z.array(z.int()),
        file: z.object({ mode: z.int(), uid: z.int(), gid: z.int(), owner: z.string(), group: z.string() }).optional(),
      }),
    ),
  ),
};
