import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "-J logs in through the server: the far sshd sees the server's address, and the server needs AllowTcpForwarding",
    ja: "-J はサーバー経由でログインする。奥の sshd から見えるのはサーバーのアドレスで、サーバーには AllowTcpForwarding が要る",
  },
  question: {
    en: "alice logs in through bob's account on a jump host. From where does the far sshd think she comes?",
    ja: "alice が、踏み台の bob のアカウントを通ってログインする。奥の sshd には、どこから来たと見えるか。",
  },
  predict: {
    en: "Home's address, the jump host's? And what if the jump host has AllowTcpForwarding no for bob?",
    ja: "自宅のアドレスか、踏み台のものか。踏み台が bob に AllowTcpForwarding no なら、どうなるか。",
  },
  commands: ["home$ ssh -J bob@server alice@server 'echo $SSH_CONNECTION'"],
  seen: {
    en: "The jump host's own address. Without forwarding for bob the login ends before it begins.",
    ja: "踏み台自身のアドレス。bob に転送が許されなければ、ログインは始まる前に終わる。",
  },
  why: {
    en: "-J is -W on the jump host with a second ssh inside. alice's key and password never appear there, but a from= in her key line must name the jump host.",
    ja: "-J は、踏み台での -W の中にもう一つの ssh を通したもの。alice の鍵も合言葉も踏み台には現れないが、鍵の from= は踏み台を名指ししなければならない。",
  },
});

const accounts = { alice: {}, bob: {} };
const jump = ["ssh", "-4", "-J", "bob@server", "alice@198.51.100.10", "echo $SSH_CONNECTION"];

test("the far sshd sees the jump host", async ({ lab }) => {
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
