import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "While the link is down any other account may take the port, and visitors end up there",
    ja: "接続が切れている間は、別のアカウントがポートを取れる。そのポートへの接続は、そちらに届く",
  },
  question: {
    en: "alice's ssh is down for a moment, and bob asks for the same port. Where do alice's visitors end up?",
    ja: "alice の ssh が一時的に切れている間に、bob が同じポートを要求しました。alice のポートへの接続はどこに届きますか。",
  },
  predict: {
    en: "What does alice's next ssh get? And with a PermitListen for each account?",
    ja: "alice の次の ssh はどうなりますか。アカウントごとの PermitListen があるとどうですか。",
  },
  commands: ["home$ ssh -R :43234:localhost:3389 alice@server", "other-lan$ ssh -R :43234:localhost:3389 bob@server"],
  seen: {
    en: "At bob's host. alice is refused until bob disconnects. With PermitListen, bob never gets the port.",
    ja: "bob のホストに届きます。bob が切断するまで、alice の要求は拒否されます。PermitListen があれば、bob はそのポートを取れません。",
  },
  why: {
    en: "Above 1023 a port goes to whoever asks first. Visitors are protected by the service's key or certificate, not by the port number.",
    ja: "1024 以上のポートは、先に要求した人のものになります。接続する側を守るのはポート番号ではなく、サービスの鍵や証明書です。",
  },
});

const accounts = { alice: {}, bob: {} };
const sshd = "GatewayPorts clientspecified\n";

test("bob takes the port and gets alice's visitors", async ({ lab }) => {
  await lab.use({ sshd, accounts });
  await using alice = await lab.home.ssh("-R", ":43234:localhost:3389", { as: "alice" });
  await expect(lab.campus).toReach(alice);
  await alice.kill();

  await using bob = await lab.otherLan.ssh("-R", ":43234:localhost:3389", { as: "bob" });

  await expect(lab.campus).toReach(bob);
  await expect(lab.campus).toSee(alice, "wrong-service");
  await using again = await lab.home.ssh("-R", ":43234:localhost:3389", { as: "alice" });
  expect(again.granted).toBe(false);
});

test("control: PermitListen keeps the port for alice", async ({ lab }) => {
  await lab.use({ sshd: `${sshd}Match User bob\n  PermitListen 43235\n`, accounts });
  await using bob = await lab.otherLan.ssh("-R", ":43234:localhost:3389", { as: "bob" });
  expect(bob.outcome).toMatchObject({ granted: false, refusedBy: { layer: "sshd-policy" } });
  await using alice = await lab.home.ssh("-R", ":43234:localhost:3389", { as: "alice" });
  await expect(lab.campus).toReach(alice);
});
