import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "PermitOpen compares what was typed: localhost:80 does not permit 127.0.0.1:80, though it is the same living service",
    ja: "PermitOpen は打たれた文字列を比べる。localhost:80 は、同じ生きたサービスでも 127.0.0.1:80 を許さない",
  },
  question: {
    en: "The server permits localhost:80, where a web server runs. What does -L to 127.0.0.1:80 carry?",
    ja: "サーバーは localhost:80 を許し、そこで Web サーバーが動く。127.0.0.1:80 への -L は何を運ぶか。",
  },
  predict: {
    en: "Both spellings, and a port that is not listed: who answers?",
    ja: "二つの書き方と、一覧にないポート。応答があるのはどれか。",
  },
  commands: ["home$ ssh -L 8080:localhost:80 server", "home$ ssh -L 8081:127.0.0.1:80 server", "home$ curl http://localhost:8081/"],
  seen: {
    en: "localhost answers. 127.0.0.1 is accepted at home and closed without a byte, although the service lives.",
    ja: "localhost は応答する。127.0.0.1 は、サービスが生きていても、自宅で受け付けられた後、一バイトもなく閉じられる。",
  },
  why: {
    en: "sshd compares the host as text and resolves nothing before that. Each spelling that people use needs a line of its own.",
    ja: "sshd はホスト名を文字列として比べ、その前に名前解決をしない。人が使う書き方ごとに一行が要る。",
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
