/** What a forward really listens on, as the kernel says, and when that is gone. */
import { formatSocketFile } from "../core/socket-file.ts";
import type { Host, Listener, UnixListener } from "../lab/host.ts";
import type { ForwardRequest } from "../openssh/forward-request.ts";

/** `address:port`, IPv6 in brackets. */
export function formatSocket(listener: { address: string; port: number }): string {
  return listener.address.includes(":") ? `[${listener.address}]:${listener.port}` : `${listener.address}:${listener.port}`;
}

/** `/run/x.sock (srw------- alice:alice)`. */
export function formatUnixListener({ path, file }: Pick<UnixListener, "path" | "file">): string {
  return file ? `${path} (${formatSocketFile(file)})` : path;
}

function identity(listener: Listener): string {
  return `${formatSocket(listener)} ${listener.pids.join(",")}`;
}

/** A client or server of SSH; "": the kernel does not tell whose socket it is. */
const sshProgram = /^$|^ssh|^dropbear/;

/** To make one takes as long as hundreds of comparisons. */
const inEnglish = new Intl.Collator("en");

/** New sockets of SSH programs by port, each list sorted by address. */
export function newListeners(before: readonly Listener[], after: readonly Listener[]): Map<number, Listener[]> {
  const old = new Set(before.map(identity));
  const found = after.filter((each) => sshProgram.test(each.process) && !old.has(identity(each)));
  const byPort = Map.groupBy(found, ({ port }) => port);
  for (const each of byPort.values()) each.sort((a, b) => inEnglish.compare(formatSocket(a), formatSocket(b)));
  return byPort;
}

/** Listeners of one forward on one host: those that came after this was made. */
export class ForwardListeners {
  readonly #host: Host;
  readonly #path: string | undefined;
  readonly #before: { tcp: readonly Listener[]; unix: readonly UnixListener[] };
  #tcp: Listener[] = [];
  #unix: UnixListener | undefined;

  private constructor(host: Host, path: string | undefined, before: { tcp: readonly Listener[]; unix: readonly UnixListener[] }) {
    this.#host = host;
    this.#path = path;
    this.#before = before;
  }

  static async before(host: Host, { listenPath }: Pick<ForwardRequest, "listenPath">): Promise<ForwardListeners> {
    const [tcp, unix] = listenPath === undefined ? [await host.listeners(), []] : [[], await host.unixListeners()];
    return new ForwardListeners(host, listenPath, { tcp, unix });
  }

  /** Reads them, once the forward is said to stand. */
  async read(port: number): Promise<void> {
    if (this.#path === undefined) this.#tcp = newListeners(this.#before.tcp, await this.#host.listeners()).get(port) ?? [];
    else {
      const old = new Set(this.#before.unix.map(({ inode }) => inode));
      this.#unix = (await this.#host.unixListeners()).find(({ path, inode }) => path === this.#path && !old.has(inode));
    }
  }

  /** For several forwards requested at once: the listeners of each, on its port (0: none), in a list read afterwards. */
  ofEach(now: readonly Listener[], ports: readonly number[]): ForwardListeners[] {
    const byPort = newListeners(this.#before.tcp, now);
    return ports.map((port) => {
      const own = new ForwardListeners(this.#host, undefined, this.#before);
      own.#tcp = byPort.get(port) ?? [];
      return own;
    });
  }

  /** All that came since on ports of this range. */
  newIn(now: readonly Listener[], first: number, last: number): string[] {
    const within = [...newListeners(this.#before.tcp, now)].filter(([port]) => first <= port && port <= last);
    return within.flatMap(([, listeners]) => listeners.map(formatSocket));
  }

  get texts(): string[] {
    return this.#unix ? [formatUnixListener(this.#unix)] : this.#tcp.map(formatSocket).sort();
  }

  /** The Unix socket that listens; undefined for TCP. */
  get socket(): UnixListener | undefined {
    return this.#unix;
  }

  /** Ports of its TCP listeners. */
  get ports(): number[] {
    return this.#tcp.map(({ port }) => port);
  }

  /** Waits until they are gone; false when they still stand after 5 s. */
  gone(): Promise<boolean> {
    return ForwardListeners.allGone([this]);
  }

  /** The same for those of several forwards on one host. */
  static async allGone(all: readonly ForwardListeners[]): Promise<boolean> {
    const inodes = all.flatMap((each) => [...each.#tcp.map(({ inode }) => inode), ...(each.#unix ? [each.#unix.inode] : [])]);
    const [first] = all;
    return first === undefined || inodes.length === 0 || first.#host.listenersGone(inodes, waitMs);
  }
}

/** Milliseconds: a server that never heard of the end keeps its listener (see ClientAliveInterval). */
const waitMs = 5_000;
