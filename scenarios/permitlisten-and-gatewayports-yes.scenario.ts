import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "With GatewayPorts yes, PermitListen localhost still lets a forward open to everybody",
    ja: "GatewayPorts yes では、PermitListen localhost でも転送は全員に開く",
  },
  question: {
    en: "The administrator allows `PermitListen localhost:43234` alone. Can a stranger reach the forward?",
    ja: "管理者が許したのは `PermitListen localhost:43234` だけ。第三者は転送に届くか。",
  },
  predict: {
    en: "What listens with GatewayPorts yes, and what with clientspecified?",
    ja: "GatewayPorts yes では何が待ち受け、clientspecified では何が待ち受けるか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 server", "server$ ss -ltn 'sport = :43234'"],
  seen: {
    en: "With yes the request passes and all addresses listen: the stranger is in. With clientspecified the server alone gets in.",
    ja: "yes では要求が通り、全アドレスで待ち受け、第三者が入れる。clientspecified ではサーバーだけ。",
  },
  why: {
    en: "PermitListen judges the word that was asked for; GatewayPorts then replaces the address that it stands for.",
    ja: "PermitListen が判断するのは頼まれた語。その後で GatewayPorts が、語の表すアドレスを置き換える。",
  },
});

const permit = "PermitListen localhost:43234\n";

test("GatewayPorts yes: permitted as localhost, open to the world", async ({ lab }) => {
  await lab.use({ sshd: `GatewayPorts yes\n${permit}` });
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
  expect(forward.listeners).toEqual(["0.0.0.0:43234", "[::]:43234"]);
  await expect(lab.internet).toReach(forward);
});

test("control: with clientspecified, localhost means localhost", async ({ lab }) => {
  await lab.use({ sshd: `GatewayPorts clientspecified\n${permit}` });
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
  await expect(lab.server).toReach(forward);
  await expect(lab.internet).toSee(forward, "refused", { by: "bind-address" });
  await using wide = await lab.home.ssh("-R", ":43234:localhost:3389");
  expect(wide.granted).toBe(false);
});
