import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "local",
  title: {
    en: "AddressFamily inet on the server also keeps -L from dialling IPv6: a service on ::1 alone is out of reach",
    ja: "サーバーの AddressFamily inet は、-L の IPv6 へのダイヤルも止める。::1 だけで待つサービスには届かない",
  },
  question: {
    en: "A service on the server listens on ::1 alone. Does `-L 8080:localhost:80` reach it?",
    ja: "サーバーのサービスが ::1 だけで待ち受けている。`-L 8080:localhost:80` は届くか。",
  },
  predict: {
    en: "With AddressFamily any, the default, and with inet? By the name localhost, and by [::1]?",
    ja: "既定の AddressFamily any の場合と inet の場合。localhost という名前と [::1] では、どうか。",
  },
  commands: ["home$ ssh -W localhost:80 server", "home$ ssh -W '[::1]:80' server"],
  seen: {
    en: "With any both lead there. With inet the name leads to 127.0.0.1, where nobody listens, and the address is not even dialled.",
    ja: "any ならどちらも届く。inet では、名前は誰も待っていない 127.0.0.1 に行き、アドレスはダイヤルすらされない。",
  },
  why: {
    en: "The setting is about all addresses that sshd looks up: where it listens, and where it dials for others.",
    ja: "この設定は sshd が調べるすべてのアドレスに及ぶ。自分が待ち受ける所にも、人のためにダイヤルする先にも。",
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
