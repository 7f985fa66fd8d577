import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "A file share is one TCP connection and comes through a forward, for a client that can be told the port",
    ja: "ファイル共有は TCP 接続一本で、転送を通る。ただし、ポートを指定できるクライアントに限る",
  },
  question: {
    en: "Home's Samba share is on server:44500. How do you open it from another LAN?",
    ja: "自宅の Samba の共有が server:44500 にある。別の LAN からどう開くか。",
  },
  predict: {
    en: "With //server/share as usual? With the port named? Without the colon?",
    ja: "いつもの //server/share で開けるか。ポートを指定すればどうか。コロンがなければどうか。",
  },
  commands: [
    "home$ ssh -R :44500:localhost:445 server",
    "other-lan$ smbclient -N -p 44500 //server/share -c 'get letter.txt'",
    "other-lan$ smbclient -N //server/share -c 'get letter.txt'",
  ],
  seen: {
    en: "With -p the file comes, byte for byte. Without it the client dials the server's 445, where nothing listens.",
    ja: "-p を付ければファイルがそのまま届く。付けなければクライアントはサーバーの 445 へダイヤルし、そこには何もない。",
  },
  why: {
    en: "A share's name has no place for a port. smbclient has -p and Linux's mount has port=, but Windows dials 445 alone, up to 11 23H2; its own server holds 445 there.",
    ja: "共有の名前にはポートを書く場所がない。smbclient には -p、Linux の mount には port= があるが、Windows は 11 23H2 まで 445 にしかダイヤルしない。しかも自分の 445 は自分の共有が握っている。",
  },
});

const test = labTest({
  sshd: "GatewayPorts clientspecified\n",
  images: { home: "forwardlab/files", "other-lan": "forwardlab/files" },
});

const files = {
  "/srv/share/letter.txt": "Dear home, all is well.\n",
  "/etc/samba/smb.conf": `
[global]
  server role = standalone server
  map to guest = Bad User
[share]
  path = /srv/share
  guest ok = yes
`,
};
const samba = ["smbd", "--foreground", "--no-process-group"];
const get = (...options: string[]) => ["smbclient", "-N", ...options, "//server/share", "-c", "get letter.txt -"];

test("with -p the file comes, without it nothing answers", async ({ lab }) => {
  await lab.home.write(files);
  await lab.home.start(samba, { listensOn: 445 });

  await using _forward = await lab.home.ssh("-R", ":44500:localhost:445", { service: false });

  expect(await lab.otherLan.run(get("-p", "44500"))).toMatchObject({ code: 0, stdout: "Dear home, all is well.\n" });
  expect(await lab.otherLan.run(get())).toMatchObject({ code: 1, stderr: expect.stringContaining("NT_STATUS_CONNECTION_REFUSED") });
});

test("control: without the colon the port is for the server alone", async ({ lab }) => {
  await lab.home.write(files);
  await lab.home.start(samba, { listensOn: 445 });

  await using _forward = await lab.home.ssh("-R", "44500:localhost:445", { service: false });

  expect(await lab.otherLan.run(get("-p", "44500"))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("NT_STATUS_CONNECTION_REFUSED"),
  });
});
