import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "AddressFamily in sshd_config halves every remote forward; an address of the other family is refused",
    ja: "sshd_config の AddressFamily は、-R の待ち受けを半分にする。もう一方のファミリーのアドレスは拒否される",
  },
  question: {
    en: "The server says AddressFamily inet. What does `-R` open over IPv6?",
    ja: "サーバーは AddressFamily inet。`-R` は IPv6 で何を開くか。",
  },
  predict: {
    en: "With no address, with a colon, with [::] and with 0.0.0.0? And the client's own `-4`?",
    ja: "アドレスなし、コロン、[::]、0.0.0.0 のそれぞれ。クライアントの `-4` はどうか。",
  },
  commands: ["home$ ssh -R :43234:localhost:3389 server", "home$ ssh -R '[::]:43234:localhost:3389' server"],
  seen: {
    en: "inet leaves the IPv4 half of each form, and refuses [::]. The client's own -4 changes nothing on the server.",
    ja: "inet では各形の IPv4 側だけが残り、[::] は拒否される。クライアントの -4 は、サーバーでは何も変えない。",
  },
  why: {
    en: "The setting is about every address that sshd looks up, those that it listens on for forwards included. The client's is about the way to the server.",
    ja: "この設定は、転送の待ち受けも含め、sshd が扱うすべてのアドレスに及ぶ。クライアントの側の設定は、サーバーまでの道についてのもの。",
  },
});

const forms = ["43234", ":43234", "0.0.0.0:43234", "[::]:43234"];
const table = [
  { family: "any", listeners: [["127.0.0.1:43234", "[::1]:43234"], ["0.0.0.0:43234", "[::]:43234"], ["0.0.0.0:43234"], ["[::]:43234"]] },
  { family: "inet", listeners: [["127.0.0.1:43234"], ["0.0.0.0:43234"], ["0.0.0.0:43234"], []] },
];

test.for(table)("AddressFamily $family", async ({ family, listeners }, { lab }) => {
  await lab.use({ sshd: `GatewayPorts clientspecified\nAddressFamily ${family}\n` });
  for (const [at, form] of forms.entries()) {
    await using forward = await lab.home.ssh("-4", "-R", `${form}:localhost:3389`);
    expect.soft(forward.listeners, form).toEqual(listeners[at]);
    expect.soft(forward.granted, form).toBe(listeners[at]?.length !== 0);
  }
});

test("the stranger gets in over IPv4 alone", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\nAddressFamily inet\n" });
  await using forward = await lab.home.ssh("-4", "-R", ":43234:localhost:3389");
  await expect(lab.internet).toReach(forward, { family: 4 });
  await expect(lab.internet).toSee(forward, "refused", { family: 6, by: "bind-address" });
});
