/** Runs the oracle in a container of its own, from the fabric's image: nothing but Python, nft, iptables and ip are taken from there. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import { attachable } from "../../../harness/engine/attach.ts";
import { ensureEngine, ensureImages, imageKey } from "../../../harness/engine/index.ts";
import type { FirewallText } from "./firewall-text.ts";

export const answers = ["answered", "wrong-service", "silent", "refused", "unreachable", "timeout", "reset"] as const;
export type Answer = (typeof answers)[number];

/** One connect(); see oracle.py. */
export interface Visit {
  kind: "in" | "local" | "out";
  family: 4 | 6;
  /** Of the visitor; for `local` and `out` the address that is dialled. */
  address: string;
  port: number;
  /** The port that is dialled, where rules may lead from it to `port`. Default: `port`. */
  dialled?: number;
  /** Of the process that connects. Default: root. */
  uid?: number;
  /** Of the process that listens: sshd opens the listener of -R as the account. Default: root. */
  owner?: number;
  /** For `out`: the port of a listener on the server itself, to which rules may lead. */
  forwarded?: number;
  /** By family, the address that the port's listener is bound to; null: none there. Default: all. */
  bind?: Readonly<Record<4 | 6, string | null>>;
  /** Of the server's kernel. Default: none is changed. */
  sysctls?: Readonly<Record<string, number>>;
  /** Default: as connect() does. */
  manner?: Manner;
}

/** How a visitor connects; see oracle.py. */
export interface Manner {
  /** Source port. */
  from?: number;
  /** Of the visitor's kernel, by their names below net.ipv4. */
  sysctls?: Readonly<Record<string, number | string>>;
  /** Of what the visitor sends. */
  mtu?: number;
  /** By family: level, name, and a number or hexadecimal bytes. */
  options?: Partial<Readonly<Record<4 | 6, readonly (readonly [number, number, number | string])[]>>>;
  /** Data in the SYN. */
  early?: boolean;
  /** How often it tries until it is answered. Default: once. */
  tries?: number;
  /** Seconds that it waits for an answer. Default: 0.85, less than the kernel waits before it sends the SYN again. */
  patience?: number;
}

export class Oracle implements AsyncDisposable {
  readonly #waiting = new Map<number, { resolve: (answers: Answer[]) => void; reject: (error: Error) => void }>();
  readonly #input: NodeJS.WritableStream;
  readonly #end: () => Promise<void>;
  #next = 1;

  private constructor(input: NodeJS.WritableStream, output: NodeJS.ReadableStream, end: () => Promise<void>) {
    this.#input = input;
    this.#end = end;
    createInterface({ input: output }).on("line", (line) => {
      const { id, answers, error } = JSON.parse(line) as { id: number; answers?: Answer[]; error?: string };
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (answers) waiting?.resolve(answers);
      else waiting?.reject(new Error(`the oracle could not load the firewall: ${error}`));
    });
  }

  static async start(): Promise<Oracle> {
    const progress = () => undefined;
    const { docker } = await ensureEngine({ progress });
    const request = { target: "fabric" } as const;
    const image = (await ensureImages({ docker } as Awaited<ReturnType<typeof ensureEngine>>, [request], { progress }))[imageKey(request)];
    const container = await docker.createContainer({
      Image: image?.reference as string,
      Cmd: ["python3", "-c", readFileSync(join(import.meta.dirname, "oracle.py"), "utf8")],
      ...attachable,
      HostConfig: {
        NetworkMode: "none",
        AutoRemove: true,
        CapAdd: ["SYS_ADMIN", "NET_ADMIN", "NET_RAW"],
        SecurityOpt: ["apparmor=unconfined", "label=disable"],
      },
    });
    const stream = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true });
    const output = new PassThrough();
    const errors: string[] = [];
    docker.modem.demuxStream(
      stream,
      output,
      new PassThrough().on("data", (chunk) => errors.push(String(chunk))),
    );
    await container.start();
    const oracle = new Oracle(stream, output, async () => {
      const gone = container.wait({ condition: "removed" }).catch(() => undefined);
      stream.end();
      await gone;
    });
    stream.on("close", () => oracle.#lost(errors.join("")));
    return oracle;
  }

  /** What each visitor gets, each the first one on a ruleset just loaded. Rejects when the tools refuse the ruleset. */
  ask(firewall: FirewallText, visits: readonly Visit[]): Promise<Answer[]> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#input.write(`${JSON.stringify({ id, firewall, visits })}\n`);
    });
  }

  #lost(errors: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(`the oracle is gone: ${errors}`));
    this.#waiting.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }
}
