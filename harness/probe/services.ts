/** The lab's services: each has an identity nobody else knows, and answers a nonce with it (and with the peer it saw). */
import { randomBytes } from "node:crypto";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { FabricError } from "../lab/fabric-error.ts";
import type { Lab } from "../lab/lab.ts";

export interface Service extends AsyncDisposable {
  readonly host: string;
  /** 0: it listens on `path`. */
  readonly port: number;
  /** Set for a service on a Unix socket. */
  readonly path?: string;
  readonly identity: string;
  /** Not the lab's own: a server's sshd, which proves itself by its greeting. */
  readonly isSshd?: true;
}

/** File mode of a lab service's socket: every account may open it. */
const openToAll = 0o666;

/**
 * The same service on a Unix socket; missing folders are made, and its file goes with it.
 * @throws UserError `service-port` when something stands at the path
 */
export async function startSocketService(lab: Lab, host: string, path: string): Promise<Service> {
  const identity = `${host}:${path.replace(/[^\w./-]/g, "_")}/${randomBytes(6).toString("hex")}`;
  await lab.fabric.request("listen_on_path", { host, path, mode: openToAll, identity }).catch((error: unknown) => {
    if (!(error instanceof FabricError && error.kind === "listen")) throw error;
    throw new UserError("service-port", error.message, {
      fault: faultOf("service-path-taken", { said: error.message }),
      todo: "use a path where no file exists",
      cause: error,
    });
  });
  return {
    host,
    port: 0,
    path,
    identity,
    [Symbol.asyncDispose]: async () => {
      await lab.fabric.request("unlisten_on_path", { host, path });
    },
  };
}

/**
 * Listens on a host of the lab; one service speaks the nonce line and HTTP (`curl http://host:port/NONCE`).
 * @param address one address; left out: every address of both families
 * @throws UserError `service-port` when the port is taken there
 */
export async function startService(lab: Lab, host: string, port: number, address?: string): Promise<Service> {
  const identity = `${host}:${port}/${randomBytes(6).toString("hex")}`;
  const addresses = address === undefined ? ["0.0.0.0", "::"] : [address];
  const opened: string[] = [];
  const close = async () => {
    await Promise.all(opened.map((each) => lab.fabric.request("unlisten", { host, address: each, port })));
  };
  try {
    for (const each of addresses) {
      await lab.fabric.request("listen", { host, address: each, port, identity });
      opened.push(each);
    }
  } catch (error) {
    await close();
    if (error instanceof FabricError && error.kind === "listen") {
      throw new UserError("service-port", error.message, {
        fault: faultOf("service-port-taken", { said: error.message }),
        todo: "use a free port",
        cause: error,
      });
    }
    throw error;
  }
  return { host, port, identity, [Symbol.asyncDispose]: close };
}
