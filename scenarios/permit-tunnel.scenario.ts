import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: 'PermitTunnel decides which kind of tunnel -w may open; tunnel="7" on a key decides which device',
    ja: '-w で開けるトンネルの種類は PermitTunnel が、使うデバイスは鍵の tunnel="7" が決める',
  },
  question: {
    en: "Which of ssh's two kinds of tunnel, IP packets or Ethernet frames, does each value of PermitTunnel allow?",
    ja: "ssh のトンネルには、IP パケットとイーサネットフレームの 2 種類があります。PermitTunnel の各値はどちらを許可しますか。",
  },
  predict: {
    en: 'For no, yes, point-to-point and ethernet: does tun0 appear, does tap0? And with tunnel="7" on the key?',
    ja: 'no、yes、point-to-point、ethernet のそれぞれで、tun0 や tap0 はできますか。鍵に tunnel="7" があるとどうなりますか。',
  },
  commands: ["home# ssh -N -w 0:0 root@server", "home# ssh -N -o Tunnel=ethernet -w 0:0 root@server", "server$ ls /sys/class/net"],
  seen: {
    en: 'no allows neither, yes both, the other two one each. tunnel="7" gives tun7 and refuses a request for any other number.',
    ja: 'no はどちらも許可せず、yes は両方、残りの 2 つは一方だけを許可します。tunnel="7" では tun7 ができ、別の番号を要求すると拒否されます。',
  },
  why: {
    en: "Both kinds use the same request, which states the mode. sshd compares the mode with PermitTunnel, then the number with the key's.",
    ja: "どちらも同じ要求で、その中に種類が書かれています。sshd は種類を PermitTunnel と、番号を鍵の指定と比較します。",
  },
});

const packets = "point-to-point";
const frames = "ethernet";
const table = [
  { permit: "no", options: "", asked: packets, device: undefined },
  { permit: "no", options: "", asked: frames, device: undefined },
  { permit: "yes", options: "", asked: packets, device: "tun0" },
  { permit: "yes", options: "", asked: frames, device: "tap0" },
  { permit: packets, options: "", asked: packets, device: "tun0" },
  { permit: packets, options: "", asked: frames, device: undefined },
  { permit: frames, options: "", asked: packets, device: undefined },
  { permit: frames, options: "", asked: frames, device: "tap0" },
  { permit: "yes", options: 'tunnel="7"', asked: packets, device: undefined },
  { permit: "yes", options: 'tunnel="7"', asked: packets, number: "any", device: "tun7" },
];

test.for(table)(
  "PermitTunnel $permit, key options “$options”, asked for $asked: $device",
  async ({ permit, options, asked, number, device }, { lab }) => {
    await lab.use({ sshd: `PermitRootLogin yes\nPermitTunnel ${permit}\n`, accounts: { root: { keys: [options] } } });
    await lab.home.equip();
    const ssh = ["ssh", "-v", "-N", "-o", "ExitOnForwardFailure=yes", "-o", `Tunnel=${asked}`, "-w", `0:${number ?? "0"}`, "root@server"];
    const devices = async () =>
      (await lab.server.run(["ls", "/sys/class/net"])).stdout.split("\n").filter((name) => /^t(un|ap)/.test(name));

    if (device === undefined) {
      expect(await lab.home.run(ssh)).toMatchObject({ code: 255, stderr: expect.stringContaining("Tunnel forwarding failed") });
      await expect.poll(devices, { interval: 20, timeout: 10_000 }).toEqual([]);
    } else {
      await lab.home.start(ssh, { says: /tunnel forward established/ });
      await expect.poll(devices, { interval: 20, timeout: 10_000 }).toEqual([device]);
    }
  },
);
