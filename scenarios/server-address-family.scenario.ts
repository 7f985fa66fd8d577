import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "AddressFamily in sshd_config halves every remote forward; a bind address of the other family is refused",
    ja: "sshd_config の AddressFamily は、-R の待ち受けを片方のファミリーに限定する。もう一方のアドレスは拒否される",
  },
  question: {
    en: "The server has AddressFamily inet. What does `-R` open over IPv6?",
    ja: "サーバーの設定は AddressFamily inet です。`-R` は IPv6 で何を開きますか。",
  },
  predict: {
    en: "With no address, a colon, [::], 0.0.0.0? And with `-4` on the client?",
    ja: "アドレスなし、コロン、[::]、0.0.0.0 のそれぞれでどうなりますか。クライアントの `-4` はどうですか。",
  },
  commands: ["home$ ssh -R :43234:localhost:3389 server", "home$ ssh -R '[::]:43234:localhost:3389' server"],
  seen: {
    en: "inet leaves the IPv4 half of each form and refuses [::]. The client's own -4 changes nothing on the server.",
    ja: "inet では、各形式の IPv4 側だけが残り、[::] は拒否されます。クライアントの -4 は、サーバーの待ち受けには影響しません。",
  },
  why: {
    en: "The setting covers every address that sshd looks up, including those it listens on for forwards. The client's option is about how it reaches the server.",
    ja: "この設定は、転送の待ち受けも含め、sshd が扱うすべてのアドレスに及びます。クライアントのオプションは、サーバーへの接続に関するものです。",
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

test("the stranger gets in only over IPv4", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\nAddressFamily inet\n" });
  await using forward = await lab.home.ssh("-4", "-R", ":43234:localhost:3389");
  await expect(lab.internet).toReach(forward, { family: 4 });
  await expect(lab.internet).toSee(forward, "refused", { family: 6, by: "bind-address" });
});
