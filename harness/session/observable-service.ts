/** A service, observed in its own right: judged like a listener that ssh opened on its own host. */
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { Service } from "../probe/services.ts";
import type { Observable } from "./forward-handle.ts";

/** `name`: what messages call it. */
export function observableService(service: Service, name: string): Observable {
  const { host, port } = service;
  const outcome: ForwardOutcome = {
    name,
    from: host,
    account: "",
    ssh: name,
    kind: "local",
    requested: `:${port}`,
    granted: true,
    effective: [],
    elsewhere: [],
    failedDials: [],
    keyOptions: "",
    listensOn: host,
    listeners: [`0.0.0.0:${port}`, `[::]:${port}`],
    clientLog: "",
    serverLog: "",
  };
  return { probed: { listensOn: host, port, service, socks: undefined }, outcome, ended: false };
}
