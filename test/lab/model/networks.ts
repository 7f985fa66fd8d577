/** Networks in which model and lab are compared: each has a way, or an obstacle, that the others lack. */

import { articleLab, type LabSpec } from "../../../harness/core/lab-spec.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import type { Policy } from "../../../harness/policy/policy.ts";

function network(stated: Policy["network"]): LabSpec {
  return labSpecOf({ server: { sshd_config: "./sshd_config" }, network: stated, forwards: {} });
}

/** As the article's: said, so that a rule for another address is about another host. */
const server = { address: ["198.51.100.10/24", "2001:db8:100::10/64"] };

export const networks: readonly { name: string; spec: () => LabSpec }[] = [
  { name: "the article's: NAT and CG-NAT", spec: articleLab },
  {
    name: "one NAT, with port forwards to home",
    spec: () => network({ server, home: { behind: "nat", port_forward: { 43234: 43234, 8081: 2222 } } }),
  },
  { name: "home without NAT", spec: () => network({ server, home: { behind: "none", public: "203.0.113.7" } }) },
  {
    name: "a server with two addresses and a back network",
    spec: () =>
      network({
        server: [
          { address: ["198.51.100.10/24", "198.51.100.11/24", "2001:db8:100::10/64"] },
          { interface: "eth1", address: ["10.20.0.5/16"], ipv6: false },
        ],
        vantages: { backup: { lan: "eth1" } },
      }),
  },
];
