/** Questions to the model in one line each, on hosts like those that the tables were measured on. */

import { parseForwardArguments } from "../../../harness/openssh/forward-arguments.ts";
import { settingsFrom } from "../../../harness/openssh/forwarding-settings.ts";
import type { FirewallPolicy } from "../../../harness/openssh/model/firewall-policy.ts";
import type { HostFacts, ModelInput } from "../../../harness/openssh/model/model-input.ts";
import { predict } from "../../../harness/openssh/model/predict.ts";
import { formatListener, type Prediction } from "../../../harness/openssh/model/prediction.ts";

export const serverHost: HostFacts = {
  addresses: ["10.99.0.1", "fd99::1"],
  names: { "srv.lab": ["10.99.0.1"], "dual.lab": ["10.99.0.1", "fd99::1"], localhost: ["127.0.0.1", "::1"] },
};
const clientHost: HostFacts = { addresses: ["10.99.0.2", "fd99::2"], names: { "home.lab": ["10.99.0.2"] } };

export interface Asking {
  settings?: Record<string, string>;
  key?: string;
  root?: boolean;
  server?: HostFacts;
  firewall?: FirewallPolicy;
  clientHost?: HostFacts;
  client?: Partial<ModelInput["client"]>;
  version?: ModelInput["version"];
}

export function inputFor(ssh: string, asking: Asking = {}): ModelInput {
  return {
    request: parseForwardArguments(ssh).request,
    settings: settingsFrom(asking.settings ?? {}),
    key: { options: asking.key ?? "" },
    account: { name: asking.root ? "root" : "tester", root: asking.root === true },
    client: { host: asking.clientHost ?? clientHost, ...asking.client },
    server: { host: asking.server ?? serverHost, ...(asking.firewall ? { firewall: asking.firewall } : {}) },
    ...(asking.version ? { version: asking.version } : {}),
  };
}

export function ask(ssh: string, asking: Asking = {}): Prediction {
  return predict(inputFor(ssh, asking));
}

/** Listeners as one text, `refused` when the forward is not granted. */
export function outcome(ssh: string, asking: Asking = {}): string {
  const { granted, listeners } = ask(ssh, asking);
  return granted ? listeners.map(formatListener).join(" ") : "refused";
}
