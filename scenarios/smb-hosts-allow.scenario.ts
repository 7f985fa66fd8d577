import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "With Samba's hosts allow set to one host on the LAN, everyone who comes through the forward still gets in",
    ja: "Samba の hosts allow に自宅の 1 台だけを書いても、転送を通れば誰でも接続できる",
  },
  question: {
    en: "smb.conf has hosts allow = 192.168.1.30, and nothing else. Who gets the files?",
    ja: "smb.conf には hosts allow = 192.168.1.30 だけがあります。ファイルを取得できるのは誰ですか。",
  },
  predict: {
    en: "A host on home's LAN with another address? The other LAN, through the forward?",
    ja: "同じ LAN の、別のアドレスのホストはどうですか。転送を通る別の LAN はどうですか。",
  },
  commands: [
    "home$ ssh -R :44500:localhost:445 server",
    "home-lan$ smbclient -N //192.168.1.10/share -c 'get letter.txt'",
    "other-lan$ smbclient -N -p 44500 //server/share -c 'get letter.txt'",
  ],
  seen: {
    en: "The neighbour is denied, and the other LAN gets the file. With loopback in hosts deny, the other LAN is denied too.",
    ja: "同じ LAN のホストは拒否されますが、別の LAN は取得できます。hosts deny にループバックを書けば、別の LAN も拒否されます。",
  },
  why: {
    en: "Through the forward everyone comes from ::1 or 127.0.0.1, and Samba allows loopback unless hosts deny lists it.",
    ja: "転送を通ると、接続元は誰でも ::1 か 127.0.0.1 になります。Samba は、hosts deny に書かれていないかぎりループバックを許可します。",
  },
});

const test = labTest({
  sshd: "GatewayPorts clientspecified\n",
  images: { home: "forwardlab/files", "home-lan": "forwardlab/files", "other-lan": "forwardlab/files" },
});

const files = (...lines: string[]) => ({
  "/srv/share/letter.txt": "Dear home, all is well.\n",
  "/etc/samba/smb.conf": `
[global]
  server role = standalone server
  map to guest = Bad User
[share]
  path = /srv/share
  guest ok = yes
${lines.join("\n")}
`,
});
const samba = ["smbd", "--foreground", "--no-process-group"];
const letter = { code: 0, stdout: "Dear home, all is well.\n" };
const denied = { code: 1, stdout: expect.stringContaining("NT_STATUS_ACCESS_DENIED") };
const get = (share: string, port = "445") => ["smbclient", "-N", "-p", port, share, "-c", "get letter.txt -"];

test("the neighbour is denied, the other LAN is not", async ({ lab }) => {
  await lab.home.write(files("hosts allow = 192.168.1.30"));
  await lab.home.start(samba, { listensOn: 445 });
  await using _forward = await lab.home.ssh("-R", ":44500:localhost:445", { service: false });

  expect(await lab.homeLan.run(get("//192.168.1.10/share"))).toMatchObject(denied);
  expect(await lab.otherLan.run(get("//server/share", "44500"))).toMatchObject(letter);
});

test("control: with loopback in hosts deny it is the other way round", async ({ lab }) => {
  await lab.home.write(files("hosts allow = 192.168.1.20", "hosts deny = 127.0.0.1 ::1"));
  await lab.home.start(samba, { listensOn: 445 });
  await using _forward = await lab.home.ssh("-R", ":44500:localhost:445", { service: false });

  expect(await lab.homeLan.run(get("//192.168.1.10/share"))).toMatchObject(letter);
  expect(await lab.otherLan.run(get("//server/share", "44500"))).toMatchObject(denied);
});
