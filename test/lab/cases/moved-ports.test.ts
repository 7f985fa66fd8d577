/** Destination NAT on the server: a port that leads away from the forward is proven closed, with the rule. */
import { expect, labTest } from "../../../harness/vitest/index.ts";

const test = labTest({ sshd: "GatewayPorts clientspecified\n" });

const nat = (rule: string) => `table ip moved {
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    ${rule}
  }
}
`;

test("a published container takes the port before the forward sees it", async ({ lab }) => {
  await lab.use({ firewall: nat("tcp dport 43234 dnat to 172.30.0.2:80") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).not.toReach(forward, { family: 4 });
  await expect(lab.internet).toSee(forward, "filtered", { family: 4, by: { layer: "server-firewall", line: 4 } });
  await expect(lab.internet).toReach(forward, { family: 6 });
});

test("the control: a rule for another port moves nothing", async ({ lab }) => {
  await lab.use({ firewall: nat("tcp dport 8080 dnat to 172.30.0.2:80") });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toReach(forward);
});
