import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "-R leads wherever the machine that runs ssh can dial: also to other machines of the home LAN",
    ja: "-R の行き先は、ssh を動かした機械がダイヤルできる所ならどこでも。家の LAN の別の機械でもよい",
  },
  question: {
    en: "The target of -R is 192.168.1.20. Whose 192.168.1.20 is that?",
    ja: "-R の行き先は 192.168.1.20。それは誰から見た 192.168.1.20 か。",
  },
  predict: {
    en: "The server has no such network, and the other LAN has the same one. Where does a visitor land?",
    ja: "サーバーにその網はなく、別の LAN には同じ網がある。訪問者はどこに着くか。",
  },
  commands: ["home$ ssh -R :43234:192.168.1.20:8080 server", "internet$ curl http://server:43234/"],
  seen: {
    en: "On the machine beside home, which nobody outside could reach before.",
    ja: "外からは誰も届かなかった、自宅の隣の機械に着く。",
  },
  why: {
    en: "For -R the target is dialled by ssh at home, with home's names, addresses and routes.",
    ja: "-R の行き先へダイヤルするのは自宅の ssh で、名前もアドレスも経路も自宅のものを使う。",
  },
});

test("a stranger lands on the neighbour at home", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });
  const nas = await lab.homeLan.serve(8080);
  await expect(lab.internet).not.toReach(nas);

  await using forward = await lab.home.ssh("-R", ":43234:192.168.1.20:8080");

  await expect(lab.internet).toReach(forward);
  await forward.kill();
  await expect(lab.internet).not.toReach(nas);
});
