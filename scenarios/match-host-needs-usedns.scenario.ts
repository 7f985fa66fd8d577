import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "Match Host fits no name unless UseDNS is yes; without it sshd compares the address",
    ja: "Match Host は、UseDNS yes でなければ名前に当てはまらない。sshd が比べるのはアドレスになる",
  },
  question: {
    en: "`Match Host home.example` gives GatewayPorts to the one who comes from there. Does it?",
    ja: "`Match Host home.example` で、そこから来る人に GatewayPorts を与えたつもり。与えられるか。",
  },
  predict: {
    en: "With UseDNS no, the default, and with UseDNS yes? And `Match Host 203.0.113.7`?",
    ja: "既定の UseDNS no の場合と、UseDNS yes の場合。`Match Host 203.0.113.7` と書いた場合はどうか。",
  },
  commands: ["server# grep home.example /etc/hosts", "home$ ssh -4 -R :43234:localhost:3389 server"],
  seen: {
    en: "With no the name never fits, and nothing complains; the address does. With yes the name fits.",
    ja: "no では名前は決して当てはまらず、警告もない。アドレスなら当てはまる。yes なら名前が当てはまる。",
  },
  why: {
    en: "Since OpenSSH 6.8 sshd asks for no name by default. Where it does, the name must lead back to the address.",
    ja: "OpenSSH 6.8 から、sshd は既定で名前を引かない。引く設定でも、その名前が同じアドレスに戻らなければ使わない。",
  },
});

const wide = ["0.0.0.0:43234", "[::]:43234"];
const loopback = ["127.0.0.1:43234", "[::1]:43234"];
const table = [
  { useDns: "no", host: "home.example", listeners: loopback },
  { useDns: "yes", host: "home.example", listeners: wide },
  { useDns: "no", host: "203.0.113.7", listeners: wide },
];

test.for(table)("UseDNS $useDns, Match Host $host", async ({ useDns, host, listeners }, { lab }) => {
  await lab.use({ sshd: `UseDNS ${useDns}\nMatch Host ${host}\n  GatewayPorts clientspecified\n` });
  const { stdout: hosts } = await lab.server.run(["cat", "/etc/hosts"]);
  await lab.server.write({ "/etc/hosts": `${hosts}203.0.113.7 home.example\n` });

  await using forward = await lab.home.ssh("-4", "-R", ":43234:localhost:3389");

  expect(forward.listeners).toEqual(listeners);
});
