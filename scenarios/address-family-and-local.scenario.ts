import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "local",
  title: {
    en: "AddressFamily inet on the server also stops -L from connecting over IPv6",
    ja: "サーバーの AddressFamily inet は、-L の IPv6 接続も止める",
  },
  question: {
    en: "A service on the server listens only on ::1. Does `-L 8080:localhost:80` reach it?",
    ja: "サーバー上のサービスが ::1 だけで待ち受けています。`-L 8080:localhost:80` で接続できますか。",
  },
  predict: {
    en: "With AddressFamily any (the default)? With inet? With localhost as the target, and with [::1]?",
    ja: "AddressFamily が既定の any の場合と inet の場合で、また転送先が localhost の場合と [::1] の場合で、どうなりますか。",
  },
  commands: ["home$ ssh -W localhost:80 server", "home$ ssh -W '[::1]:80' server"],
  seen: {
    en: "With any, both reach it. With inet, localhost resolves to 127.0.0.1, where nothing listens, and [::1] is not even tried.",
    ja: "any ならどちらも接続できます。inet では、localhost は何も待ち受けていない 127.0.0.1 になり、[::1] には接続を試みることさえしません。",
  },
  why: {
    en: "The setting covers every address that sshd looks up: those it listens on, and those it connects to for its clients.",
    ja: "この設定は、sshd が解決するすべてのアドレスに及びます。待ち受けるアドレスにも、クライアントに代わって接続するアドレスにも適用されます。",
  },
});

const dial = (target: string) => ["ssh", "-4", "-W", target, "server"];
const hello = { input: "GET /hello HTTP/1.0\r\n\r\n" };

test.for(["any", "inet"])("AddressFamily %s", async (family, { lab }) => {
  await lab.use({ sshd: `AddressFamily ${family}\n` });
  const service = await lab.server.serve(80, "::1");
  await lab.home.equip();

  const byName = await lab.home.run(dial("localhost:80"), hello);
  const byAddress = await lab.home.run(dial("[::1]:80"), hello);

  if (family === "any") {
    expect(byName.stdout).toContain(service.identity);
    expect(byAddress.stdout).toContain(service.identity);
  } else {
    expect(byName).toMatchObject({ stdout: "", stderr: expect.stringContaining("Connection refused") });
    expect(byAddress).toMatchObject({ stdout: "", stderr: expect.stringContaining("Address family for hostname not supported") });
  }
});
