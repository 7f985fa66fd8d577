/** Ways in which a connection can fail, told apart with the proof of each; and one that leaves no trace. */
import { describe } from "vitest";
import type { ForwardLab } from "../../harness/index.ts";
import { expect } from "../../harness/vitest/index.ts";
import { test } from "./clientspecified.ts";
import { oneChain } from "./one-chain.ts";

describe("the service behind the forward", () => {
  test("a dead one: accepted, then closed", async ({ lab }) => {
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389", { service: false });
    await expect(lab.otherLan).toSee(forward, "closed", { by: "service" });
    await expect(lab.otherLan).not.toReach(forward);
  });

  test("one that runs is reached, and sees ssh as its peer", async ({ lab }) => {
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    const [seen] = await lab.otherLan.sees(forward, { family: 4 });
    expect(seen?.verdict).toBe("reached");
    expect(seen?.evidence.peerSeenByService).toMatch(/^(127\.0\.0\.1|\[::1\]):\d+$/);
  });

  test("sshd itself, where a SOCKS forward asked for its port: wrong-service", async ({ lab }) => {
    await lab.use({ sshd: "GatewayPorts clientspecified\n" });
    await using forward = await lab.home.ssh("-R", ":22");
    expect(forward.granted).toBe(false);
    await expect(lab.otherLan).toSee(forward, "wrong-service");
  });

  test("another one, by DNAT on the server: wrong-service", async ({ lab }) => {
    await lab.use({
      firewall: `table ip nat {
        chain prerouting { type nat hook prerouting priority dstnat; tcp dport 43234 redirect to :8080; }
      }`,
    });
    await lab.server.serve(8080);
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await expect(lab.otherLan).toSee(forward, "wrong-service", { family: 4 });
    await expect(lab.otherLan).toReach(forward, { family: 6 });
    await expect(expect(lab.otherLan).not.toReach(forward, { family: 4 })).rejects.toThrow("wrong-service");
  });
});

describe("a refusal", () => {
  test("nothing listens: refused", async ({ lab }) => {
    await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
    await expect(lab.internet).toSee(forward, "refused", { by: "bind-address" });
  });

  test("a rule sends the same RST: filtered, by that rule", async ({ lab }) => {
    await lab.use({ firewall: oneChain("input", "accept", "tcp dport 43234 reject with tcp reset") });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await expect(lab.internet).toSee(forward, "filtered", { by: { layer: "server-firewall", line: 5 } });
    const [seen] = await lab.internet.sees(forward, { family: 4 });
    expect(seen?.evidence.connect).toBe("ECONNREFUSED");
  });

  test("a rule answers by ICMP: filtered, by that rule", async ({ lab }) => {
    await lab.use({ firewall: oneChain("input", "accept", "tcp dport 43234 reject with icmpx admin-prohibited") });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await expect(lab.internet).toSee(forward, "filtered", { by: { layer: "server-firewall", line: 5 } });
  });
});

describe("a drop", () => {
  test("of the answer, in the output chain: filtered, by that rule", async ({ lab }) => {
    await lab.use({ firewall: oneChain("output", "accept", "tcp sport 43234 drop") });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await expect(lab.internet).toSee(forward, "filtered", { by: { layer: "server-firewall", line: 5 } });
  });

  test("before any chain of the inet family, at a netdev ingress hook: filtered, by that rule", async ({ lab }) => {
    await lab.use({
      firewall: `
table netdev early {
  chain ingress {
    type filter hook ingress device "eth0" priority -500; policy accept;
    tcp dport 43234 drop
  }
}
`,
    });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await expect(lab.internet).toSee(forward, "filtered", { by: { layer: "server-firewall", line: 5 } });
    await expect(lab.server).toReach(forward);
  });

  test("in a set, a jump and a policy are named as well", async ({ lab }) => {
    await lab.use({
      firewall: `
table inet filter {
  set bad { type ipv4_addr; elements = { 192.0.2.66 } }
  chain tunnel {
    ip saddr @bad drop
  }
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    tcp dport 43234 jump tunnel
  }
}
`,
    });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await expect(lab.internet).toSee(forward, "filtered", { family: 4, by: { line: 5 } });
    await expect(lab.campus).toSee(forward, "filtered", { family: 4, by: { line: 8 } });
  });
});

describe("a loss that no rule explains is proof of nothing", () => {
  /** Takes away the server's way back; nothing tells anybody. */
  const blackhole = ({ lab }: ForwardLab, verb: "add" | "del") =>
    lab.fabric.request("build", { namespaces: [], steps: [{ namespace: "server", ip: [`route ${verb} blackhole 192.0.2.66/32`] }] });

  test("inconclusive, and it fails both toReach and .not.toReach", async ({ lab }) => {
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await expect(lab.internet).toReach(forward);
    await blackhole(lab.forwardLab, "add");
    try {
      const unknown = "it is not known whether internet reaches it over IPv4";
      await Promise.all([
        expect(lab.internet).toSee(forward, "inconclusive", { family: 4 }),
        expect(expect(lab.internet).toReach(forward, { family: 4 })).rejects.toThrow(unknown),
        expect(expect(lab.internet).not.toReach(forward, { family: 4 })).rejects.toThrow(unknown),
      ]);
    } finally {
      await blackhole(lab.forwardLab, "del");
    }
    await expect(lab.internet).toReach(forward);
  });

  test("a reverse-path filter drops without a word", async ({ lab }) => {
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    const set = (value: number) =>
      lab.forwardLab.lab.fabric.request("build", {
        namespaces: [],
        steps: [
          { namespace: "server", settings: { "net.ipv4.conf.all.rp_filter": value, "net.ipv4.conf.eth0.rp_filter": value } },
          { namespace: "server", ip: [`route ${value ? "add" : "del"} 192.0.2.66/32 dev lo`] },
        ],
      });
    await set(1);
    try {
      await expect(lab.internet).toSee(forward, "inconclusive", { family: 4 });
    } finally {
      await set(0);
    }
    await expect(lab.internet).toReach(forward);
  });

  test("a rule that runs before the lab's own mark is not seen, so it proves nothing", async ({ lab }) => {
    await lab.use({
      firewall: `
table netdev earliest {
  chain ingress {
    type filter hook ingress device "eth0" priority -2147483648; policy accept;
    tcp dport 43234 drop
  }
}
`,
    });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    await expect(lab.internet).toSee(forward, "inconclusive");
  });
});
