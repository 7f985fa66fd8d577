/** What is changed in a running lab besides the server's config: programs, files, links, kernel settings. All of it can be undone. */
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type Capture, capturePackets } from "../lab/capture.ts";
import { type Cut, cutLink } from "../lab/cut.ts";
import type { HostProcess, RunResult } from "../lab/host.ts";
import type { Lab } from "../lab/lab.ts";
import { runTool, writeSettings } from "../lab/tool.ts";
import { programReady, type StartOptions } from "./program.ts";

/** Kernel settings as sysctl(8) writes them. */
export type Settings = Readonly<Record<string, string | number>>;

export class Changes {
  readonly #lab: Lab;
  readonly #undo: (() => PromiseLike<unknown>)[] = [];
  #silenced = false;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** Undoes all, last first. `silenced`: clients of the server lost it for a while. `failure`: the first thing that went wrong. */
  async undo(): Promise<{ silenced: boolean; failure?: unknown }> {
    const failures: unknown[] = [];
    for (let next = this.#undo.pop(); next; next = this.#undo.pop()) {
      try {
        await next();
      } catch (error) {
        failures.push(error);
      }
    }
    const silenced = this.#silenced;
    this.#silenced = false;
    return failures.length > 0 ? { silenced, failure: failures[0] } : { silenced };
  }

  /** A program that goes on, once it is ready. @throws UserError `program` */
  async start(host: string, argv: readonly string[], { listensOn, says, ...options }: StartOptions): Promise<HostProcess> {
    const where = this.#lab.host(host);
    const [taken] = listensOn === undefined ? [] : (await where.listeners()).filter(({ port }) => port === listensOn);
    if (taken) {
      throw new UserError("program", `\`${argv.join(" ")}\` on ${host} cannot listen on port ${listensOn}: it is taken`, {
        fault: faultOf("program-port-taken", {
          command: argv.join(" "),
          host,
          port: taken.port,
          by: taken.process,
          address: taken.address,
        }),
        found: `${taken.process} listens on ${taken.address}`,
      });
    }
    const program = await where.spawn(argv, options);
    this.#undo.push(() => program[Symbol.asyncDispose]());
    await programReady(where, program, argv.join(" "), { listensOn, says });
    return program;
  }

  /** Files, readable by all, in place of what was there. */
  async write(host: string, files: Readonly<Record<string, string>>): Promise<void> {
    const where = this.#lab.host(host);
    const before = await Promise.all(Object.keys(files).map(async (path) => ({ path, content: await where.readFile(path) })));
    this.#undo.push(async () => {
      const kept = before.flatMap(({ path, content }) => (content === undefined ? [] : [[path, { content }] as const]));
      await where.writeFiles(Object.fromEntries(kept));
      await where.remove(before.filter(({ content }) => content === undefined).map(({ path }) => path));
    });
    await where.writeFiles(Object.fromEntries(Object.entries(files).map(([path, content]) => [path, { content }])));
  }

  /** Cuts every link of a host, or the uplink of a router. */
  async cut(name: string): Promise<Cut> {
    const cut = await cutLink(this.#lab, name);
    this.#silenced = true;
    this.#undo.push(() => cut[Symbol.asyncDispose]());
    return cut;
  }

  async capture(name: string, filter?: string): Promise<Capture> {
    const capture = await capturePackets(this.#lab, name, filter);
    this.#undo.push(() => capture[Symbol.asyncDispose]());
    return capture;
  }

  /** Runs a tool of the lab's on a router. @throws UserError `unknown-host` */
  tool(router: string, argv: readonly string[]): Promise<RunResult> {
    return runTool(this.#lab.fabric, this.router(router), argv);
  }

  /** Off and on again: a router's uplink is silent for that time, and its NAT has forgotten every connection. */
  async reboot(router: string): Promise<void> {
    await using _silence = await this.cut(this.router(router));
    await runTool(this.#lab.fabric, router, ["conntrack", "-F"]);
  }

  /** The name of a router that the lab has. @throws UserError `unknown-host` */
  router(name: string): string {
    const { routers } = this.#lab.spec;
    if (Object.hasOwn(routers, name)) return name;
    throw new UserError("unknown-host", `the lab has no router ${name}`, {
      fault: faultOf("host-unknown", { name, is: "router", known: Object.keys(routers) }),
      expected: Object.keys(routers).join(", "),
    });
  }

  /** Kernel settings of a router or a host. */
  async set(namespace: string, settings: Settings): Promise<void> {
    const { fabric } = this.#lab;
    const before = await fabric.request("settings", { namespace, keys: Object.keys(settings) });
    const write = (values: Settings) => writeSettings(fabric, namespace, values);
    this.#silenced = true;
    await write(settings);
    this.#undo.push(() => write(known(before)));
  }
}

/** Without those that the kernel does not have. */
function known(settings: Readonly<Record<string, string | null>>): Settings {
  return Object.fromEntries(Object.entries(settings).flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
}
