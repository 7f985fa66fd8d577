import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "A name as bind address of -R is looked up by the server, and each address that it has there is bound",
    ja: "-R のバインドアドレスに名前を書くと、引くのはサーバーで、そこで得たアドレスのすべてにバインドする",
  },
  question: {
    en: "`-R office:43234:…` with clientspecified. Home and server know different addresses for office. Where does it listen?",
    ja: "clientspecified で `-R office:43234:…`。office のアドレスは自宅とサーバーで違う。どこで待ち受けるか。",
  },
  predict: {
    en: "A name with one address, with an IPv4 and an IPv6 one, and one that the server does not know? And with GatewayPorts no?",
    ja: "アドレスが一つの名前、IPv4 と IPv6 を持つ名前、サーバーが知らない名前。GatewayPorts no ではどうか。",
  },
  commands: ["server# getent ahosts office", "home$ ssh -R office:43234:localhost:3389 server"],
  seen: {
    en: "Where the server's own lookup leads, whatever home's says. A name unknown there is refused; with GatewayPorts no any name is loopback, even an unknown one.",
    ja: "自宅での答えに関係なく、サーバーが引いた先。サーバーが知らない名前は拒否される。GatewayPorts no では、知らない名前も含めてどれもループバック。",
  },
  why: {
    en: "ssh sends the word as it was typed. A change of /etc/hosts or DNS on the server moves the listener at the next login.",
    ja: "ssh は打たれた語をそのまま送る。サーバーの /etc/hosts や DNS が変われば、次のログインから待ち受けも移る。",
  },
});

const loopback = ["127.0.0.1:43234", "[::1]:43234"];
const table = [
  { gatewayPorts: "clientspecified", name: "office", listeners: ["198.51.100.10:43234"] },
  { gatewayPorts: "clientspecified", name: "both", listeners: ["198.51.100.10:43234", "[2001:db8:100::10]:43234"] },
  { gatewayPorts: "clientspecified", name: "nowhere.invalid", listeners: [] },
  { gatewayPorts: "no", name: "office", listeners: loopback },
  { gatewayPorts: "no", name: "nowhere.invalid", listeners: loopback },
];

test.for(table)("GatewayPorts $gatewayPorts, -R $name:", async ({ gatewayPorts, name, listeners }, { lab }) => {
  await lab.use({ sshd: `GatewayPorts ${gatewayPorts}\n` });
  const hostsOf = async (host: typeof lab.home) => (await host.run(["cat", "/etc/hosts"])).stdout;
  await lab.server.write({ "/etc/hosts": `${await hostsOf(lab.server)}198.51.100.10 office both\n2001:db8:100::10 both\n` });
  await lab.home.write({ "/etc/hosts": `${await hostsOf(lab.home)}127.0.0.1 office both\n` });

  await using forward = await lab.home.ssh("-R", `${name}:43234:localhost:3389`);

  expect(forward.granted).toBe(listeners.length > 0);
  expect(forward.listeners).toEqual(listeners);
});
