import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: 'PermitTunnel names the kind of cable that -w may lay; tunnel="7" before a key names the device',
    ja: '-w で引けるケーブルの種類は PermitTunnel が決め、どのデバイスかは鍵の前の tunnel="7" が決める',
  },
  question: {
    en: "Which of ssh's two tunnels, packets or Ethernet frames, does each value of PermitTunnel let through?",
    ja: "ssh の二種のトンネル、パケットとイーサネットフレームのうち、PermitTunnel の各値はどちらを通すか。",
  },
  predict: {
    en: 'For no, yes, point-to-point and ethernet: does tun0 appear, does tap0? And with tunnel="7" before the key?',
    ja: 'no、yes、point-to-point、ethernet のそれぞれで、tun0 や tap0 は現れるか。鍵の前に tunnel="7" があればどうか。',
  },
  commands: ["home# ssh -N -w 0:0 root@server", "home# ssh -N -o Tunnel=ethernet -w 0:0 root@server", "server$ ls /sys/class/net"],
  seen: {
    en: 'no: neither. yes: both. The other two: one each. tunnel="7" gives tun7, and refuses whoever asks for another number.',
    ja: 'no はどちらも通さず、yes は両方、残る二つは一方だけを通す。tunnel="7" では tun7 ができ、別の番号を頼めば拒否される。',
  },
  why: {
    en: "Both kinds are one request with a mode in it, which sshd compares with PermitTunnel, then the number with the key's.",
    ja: "どちらも同じ要求で、種類が中に書かれている。sshd はそれを PermitTunnel と、番号を鍵のものと照らし合わせる。",
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
