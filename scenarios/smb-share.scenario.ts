import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "A file share is one TCP connection and works through a forward, if the client can be told the port",
    ja: "ファイル共有は 1 つの TCP 接続なので転送できる。ただし、ポートを指定できるクライアントが必要",
  },
  question: {
    en: "Home's Samba share is at server:44500. How do you open it from another LAN?",
    ja: "自宅の Samba の共有に server:44500 で接続できます。別の LAN からどう開きますか。",
  },
  predict: {
    en: "As usual, with //server/share? With the port given? Without the colon in -R?",
    ja: "いつもどおり //server/share で開けますか。ポートを指定するとどうですか。-R にコロンがなければどうですか。",
  },
  commands: [
    "home$ ssh -R :44500:localhost:445 server",
    "other-lan$ smbclient -N -p 44500 //server/share -c 'get letter.txt'",
    "other-lan$ smbclient -N //server/share -c 'get letter.txt'",
  ],
  seen: {
    en: "With -p the file arrives intact. Without it the client connects to the server's port 445, where nothing listens.",
    ja: "-p を付けると、ファイルがそのまま届きます。付けないとクライアントはサーバーの 445 番に接続しますが、何も待ち受けていません。",
  },
  why: {
    en: "A share's name has no room for a port. smbclient has -p and Linux's mount has port=, but Windows up to 11 23H2 connects only to 445, and its own file sharing occupies that port locally.",
    ja: "共有の名前には、ポートを書く場所がありません。smbclient には -p、Linux の mount には port= がありますが、Windows は 11 23H2 まで 445 番にしか接続できません。手元の 445 番も、Windows 自身の共有が使っています。",
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

test("with -p the file arrives, without it nothing answers", async ({ lab }) => {
  await lab.home.write(files);
  await lab.home.start(samba, { listensOn: 445 });

  await using _forward = await lab.home.ssh("-R", ":44500:localhost:445", { service: false });

  expect(await lab.otherLan.run(get("-p", "44500"))).toMatchObject({ code: 0, stdout: "Dear home, all is well.\n" });
  expect(await lab.otherLan.run(get())).toMatchObject({ code: 1, stderr: expect.stringContaining("NT_STATUS_CONNECTION_REFUSED") });
});

test("control: without the colon the port is for the server only", async ({ lab }) => {
  await lab.home.write(files);
  await lab.home.start(samba, { listensOn: 445 });

  await using _forward = await lab.home.ssh("-R", "44500:localhost:445", { service: false });

  expect(await lab.otherLan.run(get("-p", "44500"))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("NT_STATUS_CONNECTION_REFUSED"),
  });
});
