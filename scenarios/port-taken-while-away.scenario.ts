import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "While the link is down any other account may take the port, and visitors land there",
    ja: "接続が切れている間に、別のアカウントがポートを取れる。訪問者はそちらに着く",
  },
  question: {
    en: "alice's ssh dies for a moment. bob asks for the same port. Where do alice's visitors land?",
    ja: "alice の ssh が一瞬落ちる。bob が同じポートを求める。alice の訪問者はどこに着くか。",
  },
  predict: {
    en: "What does alice's next ssh get? And with PermitListen for each account?",
    ja: "alice の次の ssh はどうなるか。アカウントごとに PermitListen がある場合はどうか。",
  },
  commands: ["home$ ssh -R :43234:localhost:3389 alice@server", "other-lan$ ssh -R :43234:localhost:3389 bob@server"],
  seen: {
    en: "On bob's machine. alice is refused until bob leaves. With PermitListen bob never gets the port.",
    ja: "bob の機械に着く。bob が去るまで alice は拒否される。PermitListen があれば bob はそのポートを得られない。",
  },
  why: {
    en: "Above 1023 a port belongs to whoever asks first. What protects the visitors is the key or certificate of the service, not the number.",
    ja: "1023 より上のポートは、先に頼んだ者のもの。訪問者を守るのは番号ではなく、サービスの鍵や証明書。",
  },
});

const accounts = { alice: {}, bob: {} };
const sshd = "GatewayPorts clientspecified\n";

test("bob takes the port, and alice's visitors", async ({ lab }) => {
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
