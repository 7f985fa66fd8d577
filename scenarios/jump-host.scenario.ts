import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "-J logs in through the server: the target's sshd sees the server's address",
    ja: "-J はサーバー経由でログインする。接続先の sshd に見えるのは、サーバーのアドレス",
  },
  question: {
    en: "alice logs in through bob's account on a jump host. Where does she come from, as the target's sshd sees it?",
    ja: "alice が、踏み台の bob のアカウントを経由してログインします。接続先の sshd からは、どこから来たように見えますか。",
  },
  predict: {
    en: "Home's address or the jump host's? And what if the jump host has AllowTcpForwarding no for bob?",
    ja: "自宅のアドレスですか、踏み台のアドレスですか。踏み台で bob が AllowTcpForwarding no ならどうなりますか。",
  },
  commands: ["home$ ssh -J bob@server alice@server 'echo $SSH_CONNECTION'"],
  seen: {
    en: "The jump host's own address. If bob may not forward, the login fails before it begins.",
    ja: "踏み台のアドレスです。bob に転送が許可されていなければ、ログインは始まる前に失敗します。",
  },
  why: {
    en: "-J runs a second ssh through -W on the jump host. alice's key and password never appear there, but a from= on her key must name the jump host.",
    ja: "-J は、踏み台での -W の中に 2 つ目の ssh を通します。alice の鍵もパスワードも踏み台には渡りませんが、鍵の from= には踏み台のアドレスを指定する必要があります。",
  },
});

const accounts = { alice: {}, bob: {} };
const jump = ["ssh", "-4", "-J", "bob@server", "alice@198.51.100.10", "echo $SSH_CONNECTION"];

test("the target's sshd sees the jump host", async ({ lab }) => {
  await lab.use({ sshd: "", accounts });
  await lab.home.equip();

  const direct = await lab.home.run(["ssh", "-4", "alice@198.51.100.10", "echo $SSH_CONNECTION"]);
  const jumped = await lab.home.run(jump);

  expect(direct.stdout).toMatch(/^203\.0\.113\.7 /);
  expect(jumped.stdout).toMatch(/^198\.51\.100\.10 /);
});

test("control: without forwarding for bob there is no way through", async ({ lab }) => {
  await lab.use({ sshd: "Match User bob\n  AllowTcpForwarding no\n", accounts });
  await lab.home.equip();

  expect(await lab.home.run(jump)).toMatchObject({ code: 255, stdout: "", stderr: expect.stringContaining("administratively prohibited") });
});
