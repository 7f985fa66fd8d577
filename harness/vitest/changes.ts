/** What a test changes in its lab besides the server's config: programs, files, links, routers. All of it is undone when the test ends. */
import { UserError } from "../core/errors.ts";
import { type Capture, capturePackets } from "../lab/capture.ts";
import { type Cut, cutLink } from "../lab/cut.ts";
import type { HostProcess } from "../lab/host.ts";
import type { Lab } from "../lab/lab.ts";
import { runTool, writeSettings } from "../lab/tool.ts";
import { programReady } from "./program.ts";
import type { StartOptions } from "./test-host.ts";
import { TestRouter } from "./test-router.ts";

type Settings = Readonly<Record<string, string | number>>;

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

  async start(host: string, argv: readonly string[], { listensOn, says, ...options }: StartOptions): Promise<HostProcess> {
    const where = this.#lab.host(host);
    const [taken] = listensOn === undefined ? [] : (await where.listeners()).filter(({ port }) => port === listensOn);
    if (taken) {
      throw new UserError("program", `\`${argv.join(" ")}\` on ${host} cannot listen on port ${listensOn}: it is taken`, {
        found: `${taken.process} listens on ${taken.address}`,
      });
    }
    const program = await where.spawn(argv, options);
    this.#undo.push(() => program[Symbol.asyncDispose]());
    await programReady(where, program, argv.join(" "), { listensOn, says });
    return program;
  }

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

  /** @throws UserError `unknown-host` */
  router(name: string): TestRouter {
    const { routers } = this.#lab.spec;
    if (!Object.hasOwn(routers, name))
      throw new UserError("unknown-host", `the lab has no router ${name}`, { expected: Object.keys(routers).join(", ") });
    return new TestRouter(name, {
      tool: (router, argv) => runTool(this.#lab.fabric, router, argv),
      set: (router, settings) => this.set(router, settings),
      reboot: async (router) => {
        await using _silence = await this.cut(router);
        await runTool(this.#lab.fabric, router, ["conntrack", "-F"]);
      },
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
