import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "PermitListen localhost:* keeps an account to the server's loopback, on any port, where clientspecified lets others out",
    ja: "PermitListen localhost:* は、ポートを問わず、そのアカウントをサーバーのループバックに留める。ほかの人には clientspecified のままでよい",
  },
  question: {
    en: "GatewayPorts clientspecified is there for bob. How is alice kept from opening ports to the world?",
    ja: "GatewayPorts clientspecified は bob のためにある。alice に、ポートを全世界へ開かせないにはどうするか。",
  },
  predict: {
    en: "With `PermitListen localhost:*` for alice: -R with a port, with port 0, with a colon, with 0.0.0.0, with 127.0.0.1?",
    ja: "alice に `PermitListen localhost:*`。-R にポートだけ、ポート 0、先頭のコロン、0.0.0.0、127.0.0.1 を書くと、それぞれどうなるか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 alice@server", "home$ ssh -R :43234:localhost:3389 alice@server"],
  seen: {
    en: "A port alone, and port 0, are granted. Every form with an address is refused, even 127.0.0.1. bob may use them all.",
    ja: "ポートだけと、ポート 0 は許される。アドレスの付いた形は、127.0.0.1 も含めてすべて拒否される。bob にはどれも許される。",
  },
  why: {
    en: "A port alone asks for the word localhost, and only that word is listed. With GatewayPorts yes this would not help: then localhost means everybody.",
    ja: "ポートだけなら localhost という語を頼むことになり、一覧にあるのはその語だけ。GatewayPorts yes の下では役に立たない。localhost が全員を意味するから。",
  },
});

const sshd = "GatewayPorts clientspecified\nMatch User alice\n  PermitListen localhost:*\n";
const loopback = ["43234", "0"];
const forms = [...loopback, ":43234", "0.0.0.0:43234", "[::]:43234", "127.0.0.1:43234"];

test("alice: loopback, and nothing else", async ({ lab }) => {
  await lab.use({ sshd, accounts: { alice: {}, bob: {} } });
  for (const form of forms) {
    await using forward = await lab.home.ssh("-R", `${form}:localhost:3389`, { as: "alice" });
    expect.soft(forward.granted, form).toBe(loopback.includes(form));
    if (forward.granted) expect.soft(forward.listeners, form).toEqual([`127.0.0.1:${forward.port}`, `[::1]:${forward.port}`]);
  }
});

test("control: bob may ask for each of them", async ({ lab }) => {
  await lab.use({ sshd, accounts: { alice: {}, bob: {} } });
  for (const form of forms) {
    await using forward = await lab.home.ssh("-R", `${form}:localhost:3389`, { as: "bob" });
    expect.soft(forward.granted, form).toBe(true);
  }
});
