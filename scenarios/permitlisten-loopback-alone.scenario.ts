import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "PermitListen localhost:* keeps one account on the server's loopback, even with GatewayPorts clientspecified",
    ja: "GatewayPorts clientspecified でも、PermitListen localhost:* でそのアカウントをループバックに限定できる",
  },
  question: {
    en: "GatewayPorts clientspecified is there for bob. How do you keep alice from opening ports to everyone?",
    ja: "bob のために GatewayPorts clientspecified を設定しています。alice がポートを全員に開くのを防ぐにはどうしますか。",
  },
  predict: {
    en: "With `PermitListen localhost:*` for alice: -R with a port only, port 0, a colon, 0.0.0.0, [::], 127.0.0.1?",
    ja: "alice に `PermitListen localhost:*` を設定します。-R にポートだけ、ポート 0、先頭のコロン、0.0.0.0、[::]、127.0.0.1 を指定すると、それぞれどうなりますか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 alice@server", "home$ ssh -R :43234:localhost:3389 alice@server"],
  seen: {
    en: "A port only, and port 0, are granted. Every form with an address is refused, even 127.0.0.1. bob may use them all.",
    ja: "ポートだけの場合とポート 0 は許可されます。アドレスを付けた形式は、127.0.0.1 でもすべて拒否されます。bob はどれも使えます。",
  },
  why: {
    en: "Without an address ssh requests the string localhost, and only that is listed. With GatewayPorts yes this would not help: there, localhost opens every address.",
    ja: "アドレスを付けなければ、ssh は localhost という文字列を要求し、許可されているのはそれだけです。GatewayPorts yes では localhost でも全アドレスで待ち受けるので、効果がありません。",
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
