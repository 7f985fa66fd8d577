import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "If the bind address of -R is a name, the server resolves it and binds every address it finds",
    ja: "-R のバインドアドレスに名前を書くと、サーバーが名前解決し、得られたアドレスすべてで待ち受ける",
  },
  question: {
    en: "`-R office:43234:…` with clientspecified: home and the server know different addresses for office. Where does it listen?",
    ja: "clientspecified で `-R office:43234:…` を指定します。office のアドレスは自宅とサーバーで異なります。どこで待ち受けますか。",
  },
  predict: {
    en: "With a name for one address? For an IPv4 and an IPv6 address? One that the server does not know? And with GatewayPorts no?",
    ja: "アドレスが 1 つの名前、IPv4 と IPv6 を持つ名前、サーバーが知らない名前では、それぞれどうなりますか。GatewayPorts no ではどうですか。",
  },
  commands: ["server# getent ahosts office", "home$ ssh -R office:43234:localhost:3389 server"],
  seen: {
    en: "On the addresses the server finds, whatever home's are. A name unknown there is refused; with GatewayPorts no, any name means loopback, even an unknown one.",
    ja: "自宅の名前解決に関係なく、サーバーが得たアドレスで待ち受けます。サーバーが知らない名前は拒否されます。GatewayPorts no では、知らない名前でもループバックになります。",
  },
  why: {
    en: "ssh sends the name as typed. A change in /etc/hosts or DNS on the server moves the listener the next time it is requested.",
    ja: "ssh は入力された名前をそのまま送ります。サーバーの /etc/hosts や DNS が変わると、次に要求したときから待ち受けるアドレスも変わります。",
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
