/** Who connects chooses the port that he comes from: a rule that goes by it proves nobody blocked, unless it does so for every port. */
import { writeSettings } from "../../harness/lab/tool.ts";
import { expect } from "../../harness/vitest/index.ts";
import { test } from "./clientspecified.ts";
import { oneChain } from "./one-chain.ts";

const usual = "1024-65535";

test.for([
  ["answers, dropped at the ports that clients usually have", oneChain("output", "accept", `tcp sport 43234 tcp dport ${usual} drop`)],
  [
    "a policy that drops, and an exception for web servers that this one asks",
    `table inet filter {
      chain output {
        type filter hook output priority filter; policy drop;
        meta l4proto { icmp, ipv6-icmp } accept
        tcp sport 22 accept
        tcp dport { 80, 443 } accept
      }
    }`,
  ],
  ["SYNs, dropped at those ports", oneChain("input", "accept", `tcp dport 43234 tcp sport ${usual} drop`)],
  [
    "SYNs, marked at those ports and dropped by that mark",
    oneChain("input", "accept", `tcp dport 43234 tcp sport ${usual} meta mark set 7`, "meta mark 7 drop"),
  ],
])("%s: not blocked for those who come from another", async ([, firewall], { lab }) => {
  await lab.use({ firewall });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(expect(lab.otherLan).not.toReach(forward, { family: 4 })).rejects.toThrow("reached");
  await expect(expect(lab.internet).toReach(forward, { family: 6 })).rejects.toThrow("source port");
});

test.for([
  ["answers, dropped at every port", oneChain("output", "accept", "tcp sport 43234 tcp dport 1-65535 drop"), 5],
  [
    "answers, dropped at two ranges that make all",
    oneChain("output", "accept", "tcp sport 43234 tcp dport { 1-1023, 1024-65535 } drop"),
    5,
  ],
  ["SYNs, dropped at every port", oneChain("input", "accept", "tcp dport 43234 tcp sport 1-65535 drop"), 5],
] as const)("the control: %s", async ([, firewall, line], { lab }) => {
  await lab.use({ firewall });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.otherLan).toSee(forward, "filtered", { by: { layer: "server-firewall", line } });
});

test.for([
  ["a TTL", "ip ttl != 255 drop"],
  ["a TTL, by its mark", "ip ttl != 255 meta mark set 7", "meta mark 7 drop"],
  ["flags that a SYN with ECN does not match", "ip version 4 tcp flags == syn drop"],
])("SYNs, dropped for something else that their sender chooses, %s: inconclusive", async ([, rule, ...more], { lab }) => {
  await lab.use({ firewall: oneChain("input", "accept", `tcp dport 43234 ${rule}`, ...more) });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await expect(lab.internet).toSee(forward, "inconclusive", { family: 4 });
  await expect(lab.internet).toReach(forward, { family: 6 });
});

test.for([
  ["at some of the ports that sshd dials from", "40000-60999"],
  ["the control: at all of them", "1-65535"],
])("what answers sshd's dial, dropped %s", async ([, ports], { lab }) => {
  await lab.use({ firewall: oneChain("input", "accept", `tcp sport 8080 tcp dport ${ports} drop`) });
  await using forward = await lab.home.ssh("-L", "8081:campus:8080");
  const { fabric } = lab.forwardLab.lab;
  const key = "net.ipv4.ip_local_port_range";
  const settings = { namespace: "server", keys: [key] };
  const { [key]: before } = await fabric.request("settings", settings);
  await writeSettings(fabric, "server", { [key]: "40000 60999" });
  try {
    const at = { address: "127.0.0.1" };
    if (ports === "1-65535") await expect(lab.home).toSee(forward, "filtered", at);
    else await expect(expect(lab.home).toReach(forward, at)).rejects.toThrow("source port of the connection to the forward's target");
    expect(await fabric.request("settings", settings)).toEqual({ [key]: "40000\t60999" });
  } finally {
    await writeSettings(fabric, "server", { [key]: String(before) });
  }
});
