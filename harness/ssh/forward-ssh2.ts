/** The same remote forward asked for by an independent client, the `ssh2` library. */
import type { Duplex } from "node:stream";
import { listensOnServer } from "../core/forward-outcome.ts";
import type { Host } from "../lab/host.ts";
import { wireBindAddress } from "../openssh/forward-request.ts";
import { describeForward, whyRefused, withLogs } from "./describe-forward.ts";
import type { ForwardOptions, OpenForward } from "./forward.ts";
import { ForwardListeners } from "./forward-listeners.ts";
import { logInWithSsh2 } from "./log-in-ssh2.ts";
import type { SshServer } from "./ssh-server.ts";

/**
 * Opens a remote forward over a stream dialled from the client host. Visitors are connected to `target` (default: the target of the request)
 * by dialling from the client host; a SOCKS forward only gets its listener. Throws as `openForward` does, and for -L and -D.
 */
export async function openForwardWithSsh2(
  client: Host,
  server: SshServer,
  options: ForwardOptions & { target?: { host: string; port: number } },
): Promise<OpenForward> {
  const { ssh } = options;
  const { request } = ssh;
  if (!listensOnServer(request.kind)) throw new Error("the ssh2 client of the lab asks for remote forwards only");
  if (request.listenPath !== undefined || request.targetPath !== undefined)
    throw new Error("the ssh2 client of the lab forwards ports only, no Unix sockets");
  const target = options.target ?? request.target;
  const listeners = await ForwardListeners.before(server.host, request);
  await using opening = new AsyncDisposableStack();
  const login = opening.use(
    await logInWithSsh2(client, server, ssh.serverPort === undefined ? options : { ...options, targetPort: ssh.serverPort }),
  );
  const { connection, key, answer, notes, serverLog, clientAddress } = login;
  const visitors = new Set<Duplex>();
  opening.defer(() => {
    for (const stream of visitors) stream.destroy();
  });
  connection.on("tcp connection", async (details, accept, reject) => {
    try {
      if (!target) throw new Error("no target: SOCKS is not spoken by this client");
      const inner = await dialName(client, target.host, target.port);
      const outer = accept() as Duplex;
      for (const stream of [inner, outer]) {
        visitors.add(stream);
        stream.once("close", () => visitors.delete(stream));
      }
      inner.on("error", () => outer.destroy());
      outer.on("error", () => inner.destroy());
      inner.pipe(outer).pipe(inner);
    } catch (error) {
      notes.push(`visitor from ${details.srcIP} port ${details.srcPort}: ${error}`);
      reject();
    }
  });

  const bind = wireBindAddress(request);
  const answered = await new Promise<number | undefined>((resolve) => {
    connection.forwardIn(bind, request.listenPort, (error, port) => resolve(error ? undefined : port || request.listenPort));
  });
  const granted = answered !== undefined;
  notes.push(`tcpip-forward "${bind}" ${request.listenPort}: ${granted ? `success, port ${answered}` : "failure"}`);
  if (granted) await listeners.read(answered);
  const asked = { ssh, key, answer };
  const logs = { clientLog: () => notes, serverLog, sources: [server] };
  const base = describeForward({ ...options, ...asked, client, server: server.host, listeningHost: server.host, granted, listeners });
  base.serverAnswer = granted ? "granted" : "refused";
  if (!granted) base.refusedBy = await whyRefused(asked, logs);
  const held = opening.move();
  return {
    answer: base,
    port: answered ?? 0,
    clientAddress,
    process: undefined,
    logs: logs.sources,
    get outcome() {
      return withLogs(base, asked, logs);
    },
    async [Symbol.asyncDispose]() {
      await held.disposeAsync();
      await listeners.gone();
    },
  };
}

/** `localhost` is both loopback addresses, IPv6 first, as in /etc/hosts. */
async function dialName(host: Host, name: string, port: number): Promise<Duplex> {
  if (name.toLowerCase() !== "localhost") return host.dial(name, port);
  return host.dial("::1", port).catch(() => host.dial("127.0.0.1", port));
}
