/** What the real firewalld makes of a copy of /etc/firewalld: it runs in a container of its own, which has no network. */

import { createHash, randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { UserError } from "../../core/errors.ts";
import { faultOf } from "../../core/fault.ts";
import { type Progress, stepOf } from "../../core/step.ts";
import { attachable, attachStreams } from "../../engine/attach.ts";
import { type Engine, ensureEngine, ensureImages, imageKey } from "../../engine/index.ts";
import { hostLabel, labLabel, ownerLabel, ownerOf } from "../../engine/labels.ts";
import type { FirewallFile } from "../firewall-files.ts";

/** A line of a listing, and what it is made of: the file's path in the folder, "" for the folder itself; 1-based line, 0 where none is known. */
export type MadeLine = readonly [text: string, file: string, line: number];

/** Paths are those in the folder. */
interface Told {
  message: string;
  file?: string;
  /** 1-based. */
  line?: number;
}

export interface MadeRules {
  rules: {
    /** `nft list table inet firewalld`; null where firewalld uses iptables for everything. */
    nft: readonly MadeLine[] | null;
    /** `iptables-save`; null where nothing is in it. */
    ipv4: readonly MadeLine[] | null;
    ipv6: readonly MadeLine[] | null;
    /** `ipset save`. */
    ipsets: string;
  };
  warnings: readonly Told[];
  facts: {
    /** firewalld turns forwarding on for these families. */
    forwarding: readonly ("ipv4" | "ipv6")[];
    /** The user's zones that no packet can belong to. */
    unbound: readonly { zone: string; file: string; line: number }[];
    /** direct.xml has rules for bridges. */
    bridge: boolean;
    version: string;
  };
}

export interface RefusedSettings {
  /**
   * `xml`: not XML at all. `config`: firewalld refuses it. `load`: the kernel, or iptables, refuses what firewalld makes of it. `ipsets`: ipset refuses
   * the sets that were given besides. `direct-chain`: a passthrough's chain, the message, is one that firewalld makes for its iptables backend only.
   */
  error: Told & { kind: "xml" | "config" | "load" | "ipsets" | "direct-chain" };
}

/** In the form of a policy's `names`. */
export type HostNames = Readonly<Record<string, string | readonly string[]>>;

const request = { target: "firewalld" } as const;
const known = new Map<string, Promise<MadeRules | RefusedSettings>>();
/** One runs at a time, however many policies are read at once. */
let last: Promise<unknown> = Promise.resolve();

/**
 * The same files are compiled once in a process.
 * @param ipsets output of `ipset save`: sets that direct.xml may name
 * @param names host names and their addresses, for direct.xml
 * @throws UserError of the engine, or `engine.firewalld` when the program itself fails
 */
export function compileFirewalld(
  files: Readonly<Record<string, FirewallFile>>,
  progress: Progress,
  ipsets?: string,
  names?: HostNames,
): Promise<MadeRules | RefusedSettings> {
  const input = JSON.stringify({
    files: Object.fromEntries(Object.entries(files).map(([path, { content }]) => [path, Buffer.from(content).toString("base64")])),
    ...(ipsets === undefined ? {} : { ipsets }),
    ...(names === undefined ? {} : { names: Object.entries(names).map(([name, addresses]) => [name, [addresses].flat()]) }),
  });
  const key = createHash("sha256").update(input).digest("hex");
  const before = known.get(key);
  if (before) return before;
  const made = last.then(() => compile(input, progress));
  known.set(key, made);
  last = made.catch(() => known.delete(key));
  return made;
}

async function compile(input: string, progress: Progress): Promise<MadeRules | RefusedSettings> {
  const engine = await ensureEngine({ progress });
  const image = (await ensureImages(engine, [request], { progress }))[imageKey(request)]?.reference ?? "";
  progress(stepOf("asking-firewalld", {}));
  const { answer, complaint } = await answerOf(engine, image, input);
  try {
    return JSON.parse(answer);
  } catch {
    const said = complaint.trimEnd().split("\n").at(-1) || undefined;
    throw new UserError("engine.firewalld", "firewalld produced no rules", {
      fault: faultOf("firewalld-no-rules", { said }),
      found: said ?? "no answer",
      todo: "please report this with the folder; the output of `nft list ruleset` on the server can be verified instead",
      log: complaint,
    });
  }
}

/** The container is gone when its program ends, and that ends when this process does: its input is closed. */
async function answerOf({ docker }: Engine, image: string, input: string): Promise<{ answer: string; complaint: string }> {
  const container = await create(docker, image);
  const stream: Duplex = await attachStreams(container).catch(async (error: unknown) => {
    await container.remove({ force: true });
    throw error;
  });
  const [out, err] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, out, err);
  const done = () => {
    out.end();
    err.end();
  };
  stream.on("end", done).on("close", done).on("error", done);
  const said = Promise.all([text(out), text(err)]);
  await container.start();
  stream.write(`${input}\n`);
  const [answer, complaint] = await said;
  stream.destroy();
  return { answer, complaint };
}

const mebibyte = 1024 * 1024;

function create(docker: Docker, image: string): Promise<Docker.Container> {
  return docker.createContainer({
    Image: image,
    // Killed between here and its start, this process leaves it behind: `prune` finds it.
    Labels: { [labLabel]: randomBytes(6).toString("hex"), [hostLabel]: "firewalld", [ownerLabel]: ownerOf() },
    NetworkDisabled: true,
    ...attachable,
    HostConfig: {
      NetworkMode: "none",
      AutoRemove: true,
      CapDrop: ["ALL"],
      // To load rules into its own namespace, and to name ipsets in them.
      CapAdd: ["NET_ADMIN", "NET_RAW"],
      PidsLimit: 64,
      Memory: 512 * mebibyte,
      MemorySwap: 512 * mebibyte,
      SecurityOpt: ["no-new-privileges:true"],
    },
  });
}
