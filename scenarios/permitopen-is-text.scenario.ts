import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "PermitOpen compares text: localhost:80 does not permit 127.0.0.1:80, although it is the same service",
    ja: "PermitOpen は文字列を比較する。localhost:80 では、同じサービスでも 127.0.0.1:80 は許可されない",
  },
  question: {
    en: "The server permits localhost:80, where a web server runs. What does -L to 127.0.0.1:80 carry?",
    ja: "サーバーは localhost:80 を許可し、そこで Web サーバーが動いています。127.0.0.1:80 への -L は使えますか。",
  },
  predict: {
    en: "Both spellings, and a port that is not listed: which of them get an answer?",
    ja: "2 つの書き方と、許可されていないポートのうち、応答があるのはどれですか。",
  },
  commands: ["home$ ssh -L 8080:localhost:80 server", "home$ ssh -L 8081:127.0.0.1:80 server", "home$ curl http://localhost:8081/"],
  seen: {
    en: "localhost answers. For 127.0.0.1, ssh at home accepts and closes without a byte, although the service is running.",
    ja: "localhost では応答があります。127.0.0.1 では、サービスが動いていても、自宅の ssh が受け付けた接続は 1 バイトも返らずに切断されます。",
  },
  why: {
    en: "sshd compares the host as text, before any name resolution. List every spelling that people use.",
    ja: "sshd はホスト名を、名前解決の前に文字列として比較します。使われる書き方は、すべて挙げておく必要があります。",
  },
});

test("only the spelling that is listed gets through", async ({ lab }) => {
  await lab.use({ sshd: "PermitOpen localhost:80\n" });
  await using listed = await lab.home.ssh("-L", "8080:localhost:80");
  await using same = await lab.home.ssh("-L", "8081:127.0.0.1:80");
  await using other = await lab.home.ssh("-L", "8082:localhost:81");

  await expect(lab.home).toReach(listed);
  await expect(lab.home).toSee(same, "closed", { address: "127.0.0.1", by: "sshd-policy" });
  await expect(lab.home).toSee(other, "closed", { address: "127.0.0.1", by: "sshd-policy" });
});

test("control: without PermitOpen both spellings lead to the service", async ({ lab }) => {
  await using forward = await lab.home.ssh("-L", "8081:127.0.0.1:80");
  await expect(lab.home).toReach(forward);
});
