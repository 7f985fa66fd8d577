import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "Samba's hosts allow for one machine at home lets in everybody who comes through the forward",
    ja: "Samba の hosts allow に自宅の一台だけを書いても、転送を通って来る者は全員入れる",
  },
  question: {
    en: "smb.conf says hosts allow = 192.168.1.30, and nothing else. Who gets the files?",
    ja: "smb.conf には hosts allow = 192.168.1.30 だけがある。ファイルを取れるのは誰か。",
  },
  predict: {
    en: "A machine beside home with another address? The other LAN, through the forward?",
    ja: "自宅の隣の、別のアドレスの機械は。転送を通って来る別の LAN は。",
  },
  commands: [
    "home$ ssh -R :44500:localhost:445 server",
    "home-lan$ smbclient -N //192.168.1.10/share -c 'get letter.txt'",
    "other-lan$ smbclient -N -p 44500 //server/share -c 'get letter.txt'",
  ],
  seen: {
    en: "The neighbour is denied, and the other LAN gets the file. Once hosts deny names loopback, the other LAN is denied, too.",
    ja: "隣の機械は断られ、別の LAN はファイルを取れる。hosts deny にループバックを書けば、別の LAN も断られる。",
  },
  why: {
    en: "Through the forward everybody comes from ::1 or 127.0.0.1, and Samba allows loopback unless hosts deny names it.",
    ja: "転送を通れば誰もが ::1 か 127.0.0.1 から来る。Samba は、hosts deny に書かれない限りループバックを許す。",
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

test("control: with loopback denied by name it is the other way round", async ({ lab }) => {
  await lab.home.write(files("hosts allow = 192.168.1.20", "hosts deny = 127.0.0.1 ::1"));
  await lab.home.start(samba, { listensOn: 445 });
  await using _forward = await lab.home.ssh("-R", ":44500:localhost:445", { service: false });

  expect(await lab.homeLan.run(get("//192.168.1.10/share"))).toMatchObject(letter);
  expect(await lab.otherLan.run(get("//server/share", "44500"))).toMatchObject(denied);
});
