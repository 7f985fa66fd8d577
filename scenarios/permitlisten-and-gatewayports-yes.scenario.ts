import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "With GatewayPorts yes, even PermitListen localhost allows a forward that is open to everyone",
    ja: "GatewayPorts yes では、PermitListen localhost でも転送は全員に開く",
  },
  question: {
    en: "The administrator allows only `PermitListen localhost:43234`. Can a stranger reach the forward?",
    ja: "管理者が許可したのは `PermitListen localhost:43234` だけです。第三者は転送に接続できますか。",
  },
  predict: {
    en: "What listens with GatewayPorts yes, and what with clientspecified?",
    ja: "GatewayPorts yes では何が待ち受けますか。clientspecified ではどうですか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 server", "server$ ss -ltn 'sport = :43234'"],
  seen: {
    en: "With yes the request passes, sshd listens on all addresses, and the stranger gets in. With clientspecified, only the server does.",
    ja: "yes では要求が通り、sshd が全アドレスで待ち受けるため、第三者も接続できます。clientspecified ではサーバーだけです。",
  },
  why: {
    en: "PermitListen checks the bind address as requested; only then does GatewayPorts replace it.",
    ja: "PermitListen が確認するのは、要求されたバインドアドレスです。GatewayPorts がそれを置き換えるのは、その後です。",
  },
});

const permit = "PermitListen localhost:43234\n";

test("GatewayPorts yes: permitted as localhost, open to everyone", async ({ lab }) => {
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
