import { articleLab, expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "A firewall rule for the server's address does not cover its second address",
    ja: "サーバーのアドレスを指定したルールは、2 つ目のアドレスには効かない",
  },
  question: {
    en: "The rule drops strangers on 198.51.100.10. The server also has 198.51.100.11. Is home safe?",
    ja: "ルールは 198.51.100.10 への第三者の接続を破棄します。サーバーには 198.51.100.11 もあります。自宅は安全ですか。",
  },
  predict: {
    en: "What does a stranger see at each of the two addresses?",
    ja: "第三者が 2 つのアドレスに接続すると、それぞれどうなりますか。",
  },
  commands: ["server# ip -br address", "home$ ssh -R 0.0.0.0:43234:localhost:3389 server", "internet$ xfreerdp /v:198.51.100.11:43234"],
  seen: {
    en: "Dropped at the first, let in at the second. With a forward for the first address only, the stranger reaches neither.",
    ja: "1 つ目では破棄され、2 つ目では接続できます。1 つ目のアドレスだけを指定した転送なら、どちらからも届きません。",
  },
  why: {
    en: "0.0.0.0 listens on every address the server has or will ever get. Match the port alone in the rule, or give -R a single address.",
    ja: "0.0.0.0 は、サーバーが今持つアドレスと今後持つアドレスのすべてで待ち受けます。ルールではポートだけを指定するか、-R でアドレスを 1 つに絞ってください。",
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

twoAddresses("the second address is open to everyone", async ({ lab }) => {
  await using forward = await lab.home.ssh("-R", "0.0.0.0:43234:localhost:3389");
  await expect(lab.otherLan).toReach(forward, { family: 4 });
  await expect(lab.internet).toSee(forward, "filtered", { address: "198.51.100.10", by: { layer: "server-firewall", line: 5 } });
  await expect(lab.internet).toReach(forward, { address: "198.51.100.11" });
});

twoAddresses("control: a forward for the first address only is not", async ({ lab }) => {
  await using forward = await lab.home.ssh("-R", "198.51.100.10:43234:localhost:3389");
  await expect(lab.otherLan).toReach(forward, { address: "198.51.100.10" });
  await expect(lab.internet).not.toReach(forward, { family: 4 });
});
