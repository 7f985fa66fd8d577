import { articleLab, expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "A firewall that names the server's address says nothing about its second one",
    ja: "サーバーのアドレスを名指しするファイアウォールは、二つ目のアドレスについて何も言わない",
  },
  question: {
    en: "The rule drops strangers on 198.51.100.10. The server has 198.51.100.11, too. Is home safe?",
    ja: "規則は 198.51.100.10 で第三者を落とす。サーバーには 198.51.100.11 もある。自宅は安全か。",
  },
  predict: { en: "What does a stranger see at each of the two addresses?", ja: "第三者には、二つのアドレスでそれぞれ何が見えるか。" },
  commands: ["server# ip -br address", "home$ ssh -R 0.0.0.0:43234:localhost:3389 server", "internet$ xfreerdp /v:198.51.100.11:43234"],
  seen: {
    en: "Dropped at the first, let in at the second. A forward that asks for the first address alone is reached at neither.",
    ja: "一つ目では落ち、二つ目では入れる。一つ目のアドレスだけを頼んだ転送には、どちらからも届かない。",
  },
  why: {
    en: "0.0.0.0 listens on every address that the server has or ever gets. Name the port in the rule, or one address in -R.",
    ja: "0.0.0.0 は、サーバーが今持つ、そして今後持つすべてのアドレスで待ち受ける。規則ではポートを、-R では一つのアドレスを名指しするとよい。",
  },
});

const article = articleLab();
const { server, ...others } = article.hosts;
const twoAddresses = labTest({
  spec: {
    ...article,
    hosts: {
      ...others,
      server: {
        kind: "container",
        interfaces: [
          { name: "eth0", link: { lan: "server-lan" }, addresses: ["198.51.100.10/24", "198.51.100.11/24", "2001:db8:100::10/64"] },
        ],
      },
    },
  },
  sshd: "GatewayPorts clientspecified\n",
  firewall: `
table ip filter {
  chain input {
    type filter hook input priority filter; policy accept;
    ip daddr 198.51.100.10 tcp dport 43234 ip saddr != 203.0.113.50 drop
  }
}
`,
});

twoAddresses("the second address is open to the world", async ({ lab }) => {
  await using forward = await lab.home.ssh("-R", "0.0.0.0:43234:localhost:3389");
  await expect(lab.otherLan).toReach(forward, { family: 4 });
  await expect(lab.internet).toSee(forward, "filtered", { address: "198.51.100.10", by: { layer: "server-firewall", line: 5 } });
  await expect(lab.internet).toReach(forward, { address: "198.51.100.11" });
});

twoAddresses("control: a forward for the first address alone is not", async ({ lab }) => {
  await using forward = await lab.home.ssh("-R", "198.51.100.10:43234:localhost:3389");
  await expect(lab.otherLan).toReach(forward, { address: "198.51.100.10" });
  await expect(lab.internet).not.toReach(forward, { family: 4 });
});
