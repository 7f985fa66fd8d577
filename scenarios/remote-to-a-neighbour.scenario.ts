import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "-R can lead to whatever the host that runs ssh can reach, including other hosts on the home LAN",
    ja: "-R の転送先には、自宅の LAN にある別のホストも含め、ssh を動かすホストから届くものなら何でも指定できる",
  },
  question: {
    en: "The target of -R is 192.168.1.20. Whose 192.168.1.20 is that?",
    ja: "-R の転送先は 192.168.1.20 です。これはどの LAN の 192.168.1.20 ですか。",
  },
  predict: {
    en: "The server has no such network, and the other LAN uses the same one. Where does a visitor end up?",
    ja: "サーバーにそのネットワークはなく、別の LAN では同じアドレスが使われています。接続はどこに届きますか。",
  },
  commands: ["home$ ssh -R :43234:192.168.1.20:8080 server", "internet$ curl http://server:43234/"],
  seen: {
    en: "At the host next to home, which nobody outside could reach before.",
    ja: "それまで外からは届かなかった、自宅と同じ LAN のホストに届きます。",
  },
  why: {
    en: "With -R, ssh at home connects to the target, using home's names, addresses and routes.",
    ja: "-R の転送先に接続するのは自宅の ssh で、名前解決もアドレスも経路も自宅のものを使います。",
  },
});

test("a stranger reaches home's neighbour", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });
  const nas = await lab.homeLan.serve(8080);
  await expect(lab.internet).not.toReach(nas);

  await using forward = await lab.home.ssh("-R", ":43234:192.168.1.20:8080");

  await expect(lab.internet).toReach(forward);
  await forward.kill();
  await expect(lab.internet).not.toReach(nas);
});
