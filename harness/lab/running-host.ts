/** A host of the running lab, driven through the fabric. */
import { Duplex } from "node:stream";
import { type Family, withoutPrefix } from "../core/address.ts";
import type { HostSpec } from "../core/lab-spec.ts";
import type { Fabric } from "./fabric.ts";
import { FabricError } from "./fabric-error.ts";
import type { AroundFiles, Host, HostFile, HostProcess, Listener, RunOptions, RunResult, UnixListener } from "./host.ts";
import { isIpv6 } from "./wiring.ts";

export class RunningHost implements Host {
  readonly name: string;
  readonly kind: "container" | "namespace";
  readonly addresses: readonly { address: string; family: Family; interface: string }[];
  readonly #fabric: Fabric;

  constructor(name: string, spec: HostSpec, fabric: Fabric) {
    this.name = name;
    this.kind = spec.kind;
    this.#fabric = fabric;
    this.addresses = spec.interfaces.flatMap((each) =>
      each.addresses.map(withoutPrefix).map((address) => ({ address, family: isIpv6(address) ? 6 : 4, interface: each.name }) as const),
    );
  }

  run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return this.#fabric.request("run", { host: this.name, argv, ...options });
  }

  spawn(argv: readonly string[], options: Omit<RunOptions, "timeoutMs"> = {}): Promise<HostProcess> {
    return spawnAt(this.#fabric, this.name, argv, options);
  }

  async writeFiles(files: Record<string, HostFile>, { insteadOf = [], folders = [] }: AroundFiles = {}): Promise<void> {
    if (Object.keys(files).length + insteadOf.length + folders.length === 0) return;
    await this.#fabric.request("write", {
      host: this.name,
      insteadOf,
      folders,
      files: Object.entries(files).map(([path, { content, ...rest }]) => ({
        path,
        content: Buffer.from(content).toString("base64"),
        ...rest,
      })),
    });
  }

  async readFile(path: string): Promise<string | undefined> {
    const content = await this.#fabric.request("read", { host: this.name, path });
    return content === null ? undefined : Buffer.from(content, "base64").toString();
  }

  async remove(paths: readonly string[]): Promise<void> {
    await this.#fabric.request("remove", { host: this.name, paths });
  }

  async makeCgroups(made: Parameters<Host["makeCgroups"]>[0]): Promise<void> {
    await this.#fabric.request("make_cgroups", { host: this.name, ...made });
  }

  missingPrograms(paths: readonly string[]): Promise<string[]> {
    return this.#fabric.request("missing_programs", { host: this.name, paths });
  }

  async listeners(): Promise<Listener[]> {
    const found = await this.#fabric.request("listeners", { host: this.name });
    return found.map((each) => ({ ...each, family: isIpv6(each.address) ? 6 : 4 }));
  }

  unixListeners(): Promise<UnixListener[]> {
    return this.#fabric.request("unix_listeners", { host: this.name });
  }

  listenersGone(inodes: readonly number[], timeoutMs: number): Promise<boolean> {
    return this.#fabric.request("listeners_gone", { host: this.name, inodes: [...inodes], timeoutMs });
  }

  async dial(address: string, port: number): Promise<Duplex> {
    const { stream } = await this.#fabric.request("dial", { host: this.name, address, port });
    return fabricStream(this.#fabric, stream);
  }
}

/** Starts a program on a host; with `networkOnly` one of the fabric's own in the network of a host or a router. */
export async function spawnAt(
  fabric: Fabric,
  host: string,
  argv: readonly string[],
  options: Omit<RunOptions, "timeoutMs"> & { networkOnly?: boolean },
): Promise<HostProcess> {
  const { job } = await fabric.request("spawn", { host, argv, ...options });
  return new FabricProcess(fabric, job, argv.join(" "), host);
}

class FabricProcess implements HostProcess {
  readonly lines: { stream: "stdout" | "stderr"; text: string }[] = [];
  readonly log: string[] = [];
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  readonly #fabric: Fabric;
  readonly #job: number;
  readonly #what: string;
  readonly #partial = { stdout: "", stderr: "" };
  readonly #watchers = new Set<{ line: (text: string) => void; over: () => void }>();
  readonly #listeners = new Set<() => void>();
  #over = false;
  /** The lab ended before the process is known to have ended. */
  #lost: Error | undefined;

  constructor(fabric: Fabric, job: number, command: string, host: string) {
    this.#fabric = fabric;
    this.#job = job;
    this.#what = `\`${command}\` on ${host}`;
    this.exited = new Promise((resolve, reject) => {
      fabric.on(`job ${job}`, (event) => {
        if (event.event === "output") this.#output(event.stream as "stdout" | "stderr", event.text as string);
        else if (event.event === "gone") {
          this.#lost = event.error as Error;
          reject(this.#lost);
          this.#flush();
        } else {
          resolve({ code: (event.code as number | null) ?? null, signal: (event.signal as string | null) ?? null });
          this.#flush();
        }
      });
    });
    // Most do not wait for it.
    this.exited.catch(() => undefined);
  }

  waitForLine<T>(match: (text: string) => T | undefined): Promise<T> {
    for (const text of this.log) {
      const found = match(text);
      if (found !== undefined) return Promise.resolve(found);
    }
    if (this.#over) return Promise.reject(this.#endedError());
    return new Promise((resolve, reject) => {
      const watcher = {
        line: (text: string) => {
          const found = match(text);
          if (found === undefined) return;
          this.#watchers.delete(watcher);
          resolve(found);
        },
        over: () => reject(this.#endedError()),
      };
      this.#watchers.add(watcher);
    });
  }

  onLine(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async kill(signal: Parameters<HostProcess["kill"]>[0] = "SIGTERM"): Promise<void> {
    await this.#fabric.request("kill", { job: this.#job, signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill("SIGKILL").catch((error: unknown) => {
      if (!(error instanceof FabricError && error.isFinal)) throw error;
    });
    this.#fabric.off(`job ${this.#job}`);
  }

  #output(stream: "stdout" | "stderr", text: string): void {
    const parts = (this.#partial[stream] + text).split("\n");
    this.#partial[stream] = parts.pop() as string;
    for (const part of parts) this.#line(stream, part.replace(/\r$/, ""));
  }

  #line(stream: "stdout" | "stderr", text: string): void {
    this.lines.push({ stream, text });
    this.log.push(text);
    for (const watcher of [...this.#watchers]) watcher.line(text);
    for (const listener of [...this.#listeners]) listener();
  }

  #flush(): void {
    for (const stream of ["stdout", "stderr"] as const) {
      if (this.#partial[stream]) this.#line(stream, this.#partial[stream]);
      this.#partial[stream] = "";
    }
    this.#over = true;
    for (const watcher of [...this.#watchers]) watcher.over();
    this.#watchers.clear();
  }

  #endedError(): Error {
    if (this.#lost) return this.#lost;
    const tail = this.log.slice(-20);
    return new Error([`${this.#what} ended before it said what was waited for`, ...tail].join("\n  | "));
  }
}

function fabricStream(fabric: Fabric, stream: number): Duplex {
  const duplex = new Duplex({
    read() {},
    // What was written while a request was under way goes with the next one.
    writev(chunks: readonly { chunk: Buffer }[], done) {
      const data = Buffer.concat(chunks.map(({ chunk }) => chunk));
      fabric.request("stream_write", { stream, data: data.toString("base64") }).then(() => done(), done);
    },
    final(done) {
      fabric.request("stream_half_close", { stream }).then(
        () => done(),
        () => done(),
      );
    },
    destroy(error, done) {
      fabric.off(`stream ${stream}`);
      fabric.request("stream_close", { stream }).catch(() => undefined);
      done(error);
    },
  });
  fabric.on(`stream ${stream}`, (event) => {
    if (event.event === "data") duplex.push(Buffer.from(event.data as string, "base64"));
    else duplex.push(null);
  });
  return duplex;
}
