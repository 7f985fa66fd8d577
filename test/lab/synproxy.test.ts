/** A SYN proxy accepts for the listener: what comes of the connection depends on conntrack. */
import { expect } from "../../harness/vitest/index.ts";
import { test } from "./clientspecified.ts";

const address = "198.51.100.10";
const firewall = `
table inet filter {
  chain prerouting {
    type filter hook prerouting priority raw; policy accept;
    tcp dport 43234 tcp flags & (syn | ack) == syn notrack
  }
  chain input {
    type filter hook input priority filter; policy accept;
    tcp dport 43234 ct state { invalid, untracked } synproxy mss 1460 wscale 7 timestamp sack-perm
    tcp dport 43234 ct state invalid drop
  }
}
`;

test("conntrack takes the client's ACK for a connection, so the proxy never sees it: filtered, by the proxy's rule", async ({ lab }) => {
  await lab.use({ firewall });
  await lab.server.set({ "net.netfilter.nf_conntrack_tcp_loose": 1 });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toSee(forward, "filtered", { address, by: { layer: "server-firewall", line: 9 } });
  const [seen] = await lab.internet.sees(forward, { address });
  expect(seen?.evidence.connect).toBe("connected");
});

test("with the setting that a SYN proxy needs: reached; a dead service behind it: closed", async ({ lab }) => {
  await lab.use({ firewall });
  await lab.server.set({ "net.netfilter.nf_conntrack_tcp_loose": 0 });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toReach(forward, { address });
  await lab.forwardLab.endServices();
  await expect(lab.internet).toSee(forward, "closed", { address, by: "service" });
});
