/** A firewall that lets everybody in and stops the connection by which ssh or sshd dials the forward's target. */
import { describe } from "vitest";
import { expect, labTest } from "../../harness/vitest/index.ts";

const test = labTest({
  sshd: "GatewayPorts clientspecified\n",
  accounts: { kiosk: { uid: 2001 }, staff: { uid: 2002 } },
});
const output = (...rules: string[]) => `
table inet filter {
  chain output {
    type filter hook output priority filter; policy accept;
    ${rules.join("\n    ")}
  }
}
`;
const firstRule = { layer: "server-firewall", line: 5 } as const;

describe.each([
  ["drops", "drop"],
  ["rejects with an RST", "reject with tcp reset"],
  ["rejects with an ICMP error", "reject"],
])("the server's output chain %s what one account sends", (_, verdict) => {
  test("-L of that account is filtered by that rule, -L of another one is reached", async ({ lab }) => {
    await lab.use({ firewall: output(`meta skuid 2001 meta l4proto tcp tcp dport 8080 ${verdict}`) });
    await using kiosk = await lab.home.ssh("-L", "8081:campus:8080", { as: "kiosk" });
    await using staff = await lab.home.ssh("-L", "8082:campus:8080", { as: "staff" });
    // At the same time: what stops one is no proof for the other, which dials the same target.
    await Promise.all([
      expect(lab.home).toSee(kiosk, "filtered", { address: "127.0.0.1", by: firstRule }),
      expect(lab.home).toReach(staff),
    ]);
    const [sight] = await lab.home.sees(kiosk, { address: "127.0.0.1" });
    expect(sight?.evidence.ms).toBeLessThan(2_000);
  });
});

test("-m owner of iptables: filtered, with the line of the dump", async ({ lab }) => {
  await lab.use({
    firewall: "*filter\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -p tcp -m owner --uid-owner 2001 -m tcp --dport 8080 -j DROP\nCOMMIT\n",
  });
  await using kiosk = await lab.home.ssh("-L", "8081:198.51.100.20:8080", { as: "kiosk" });
  await using staff = await lab.home.ssh("-L", "8082:198.51.100.20:8080", { as: "staff" });
  await expect(lab.home).toSee(kiosk, "filtered", { address: "127.0.0.1", by: { layer: "server-firewall", line: 3 } });
  await expect(lab.home).toReach(staff);
});

test("-D: the proxy's own dial", async ({ lab }) => {
  await lab.use({ firewall: output("meta skuid 2001 tcp dport 7 drop") });
  await using kiosk = await lab.home.ssh("-D", "1081", { as: "kiosk" });
  await using staff = await lab.home.ssh("-D", "1082", { as: "staff" });
  await expect(lab.home).toSee(kiosk, "filtered", { address: "127.0.0.1", by: firstRule });
  await expect(lab.home).toReach(staff);
});

test("a service on loopback that the input chain keeps from everybody", async ({ lab }) => {
  const input = `
table inet filter {
  chain input {
    type filter hook input priority filter; policy accept;
    iifname "lo" tcp dport 8080 drop
  }
}
`;
  await lab.use({ firewall: input });
  await using kept = await lab.home.ssh("-L", "8081:localhost:8080");
  await using free = await lab.home.ssh("-L", "8082:localhost:8090");
  await expect(lab.home).toSee(kept, "filtered", { address: "127.0.0.1", by: firstRule });
  await expect(lab.home).toReach(free);
});

test("a Unix socket leads to a port that is kept from its account", async ({ lab }) => {
  await lab.use({ sshd: "AllowStreamLocalForwarding yes\n", firewall: output("meta skuid 2001 tcp dport 8080 drop") });
  await using kept = await lab.home.ssh("-L", "/run/kept.sock:campus:8080", { as: "kiosk" });
  await using free = await lab.home.ssh("-L", "/run/free.sock:campus:8080", { as: "staff" });
  const by = { rule: "inet filter output meta skuid 2001 tcp dport 8080 drop" };
  await expect(lab.home).toSee(kept, "filtered");
  const { prober } = lab.forwardLab;
  const request = { host: "home", path: "/run/kept.sock", as: "root", identity: "", file: "", dial: { at: "server", port: 8080 } };
  expect((await prober.probeUnixSocket(request)).decision).toMatchObject({ ...by, direction: "dial", action: "drop" });
  await expect(lab.home).toReach(free);
});

describe("a firewall at home", () => {
  const home = (rule: string) => `
table inet filter {
  chain output {
    type filter hook output priority filter; policy accept;
    ${rule}
  }
}
`;

  test.for([
    ["drop", "drop"],
    ["reject", "reject with tcp reset"],
  ] as const)("-R: ssh's dial of the service, %s", async ([action, verdict], { lab }) => {
    await using kept = await lab.home.ssh("-R", ":43234:localhost:3389");
    await using free = await lab.home.ssh("-R", ":43235:localhost:8080");
    await expect(lab.internet).toReach(kept);
    const { fabric } = lab.forwardLab.lab;
    const nft = (input: string) => fabric.request("tool", { namespace: "home", argv: ["nft", "-f", "-"], input });
    await nft(home(`oifname "lo" tcp dport 3389 ${verdict}`));
    try {
      await expect(lab.internet).toSee(kept, "filtered");
      const [probe] = await Promise.all([
        lab.forwardLab.prober.probe({
          ...{ vantage: "internet", address: "198.51.100.10", port: 43234, targetHost: "server", identity: "" },
          dial: { at: "home", port: 3389 },
        }),
        expect(lab.internet).toReach(free),
      ]);
      expect(probe.decision).toMatchObject({ at: "home", kind: "host", action, direction: "dial" });
      expect(probe.decision?.rule).toContain("tcp dport 3389");
    } finally {
      await nft("delete table inet filter");
    }
    await expect(lab.internet).toReach(kept);
  });
});
