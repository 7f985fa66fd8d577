import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "A service name in PermitOpen or PermitListen passes sshd -t, and then nobody can log in",
    ja: "PermitOpen や PermitListen にサービス名を書くと、sshd -t は成功するのに、誰もログインできなくなる",
  },
  question: {
    en: "`PermitOpen localhost:https` reads better than 443, and sshd -t accepts it. What happens at the next login?",
    ja: "`PermitOpen localhost:https` は 443 より読みやすく、sshd -t も成功します。次のログインで何が起きますか。",
  },
  predict: {
    en: "Does it permit port 443, permit nothing, or something else?",
    ja: "443 番が許可されますか、何も許可されませんか、それ以外ですか。",
  },
  commands: ["server# sshd -t; echo $?", "home$ ssh server id"],
  seen: {
    en: "sshd -t exits with 0, and every login is cut off. With the number, all is well.",
    ja: "sshd -t の終了コードは 0 ですが、どのログインも切断されます。番号で書けば問題ありません。",
  },
  why: {
    en: "Service names are in /etc/services, which sshd -t can read. The process that handles a login is confined to an empty directory, without that file.",
    ja: "サービス名は /etc/services にあり、sshd -t はこのファイルを読めます。ログインを処理するプロセスは空のディレクトリに隔離され、このファイルを読めません。",
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
