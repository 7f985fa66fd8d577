import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "A service name in PermitOpen or PermitListen passes sshd -t, and then nobody can log in",
    ja: "PermitOpen や PermitListen にサービス名を書くと、sshd -t は通るのに、誰もログインできなくなる",
  },
  question: {
    en: "`PermitOpen localhost:https` reads better than 443, and sshd -t is content. What happens at the next login?",
    ja: "`PermitOpen localhost:https` は 443 より読みやすく、sshd -t も通る。次のログインで何が起きるか。",
  },
  predict: { en: "Does it permit port 443, permit nothing, or something else?", ja: "443 番が許されるか、何も許されないか、それ以外か。" },
  commands: ["server# sshd -t; echo $?", "home$ ssh server id"],
  seen: {
    en: "sshd -t says 0, and every login is cut off. With the number all is well.",
    ja: "sshd -t は 0 を返し、どのログインも切断される。番号で書けば問題ない。",
  },
  why: {
    en: "Names of services stand in /etc/services, which sshd -t can read. The process that handles a login is locked into an empty folder, where there is none.",
    ja: "サービス名は /etc/services にあり、sshd -t はそれを読める。ログインを扱うプロセスは空のフォルダーに閉じ込められ、そこにはない。",
  },
});

const table = [
  { line: "PermitOpen localhost:https", login: false },
  { line: "PermitListen http-alt", login: false },
  { line: "PermitOpen localhost:443", login: true },
  { line: "PermitListen 8080", login: true },
];

test.for(table)("$line: login $login", async ({ line, login }, { lab }) => {
  await lab.use({ sshd: `${line}\n` });
  await lab.home.equip();

  expect(await lab.server.run(["/usr/sbin/sshd", "-t"])).toMatchObject({ code: 0 });
  const result = await lab.home.run(["ssh", "server", "id -un"]);

  if (login) expect(result).toMatchObject({ code: 0, stdout: "tunnel\n" });
  else {
    expect(result).toMatchObject({ code: 255, stdout: "" });
    expect(lab.forwardLab.server.log().join("\n")).toContain("bad port number");
  }
});
