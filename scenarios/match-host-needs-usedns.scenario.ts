import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "Match Host matches no name unless UseDNS is yes; without it, sshd compares the address",
    ja: "UseDNS yes でなければ、Match Host は名前に一致しない。sshd が比較するのはアドレスになる",
  },
  question: {
    en: "`Match Host home.example` is meant to set GatewayPorts for clients from there. Does it?",
    ja: "`Match Host home.example` で、そこからの接続に GatewayPorts を設定しようとしています。設定できますか。",
  },
  predict: {
    en: "With UseDNS no (the default)? With UseDNS yes? And `Match Host 203.0.113.7`?",
    ja: "既定の UseDNS no の場合と、UseDNS yes の場合、どうなりますか。`Match Host 203.0.113.7` ならどうですか。",
  },
  commands: ["server# grep home.example /etc/hosts", "home$ ssh -4 -R :43234:localhost:3389 server"],
  seen: {
    en: "With no, the name never matches, and nothing warns about it; the address does. With yes, the name matches.",
    ja: "no では名前は決して一致せず、警告もありません。アドレスなら一致します。yes なら名前が一致します。",
  },
  why: {
    en: "Since OpenSSH 6.8 sshd looks up no names by default. When it does, the name must resolve back to the address.",
    ja: "OpenSSH 6.8 以降、sshd は既定で名前を調べません。調べる場合も、名前を解決した結果が元のアドレスに戻らなければ使いません。",
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
