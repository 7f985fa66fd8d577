import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "A share needs no public port: -R without the colon at home, -L where the files are needed",
    ja: "ファイル共有のために外へポートを開く必要はない。自宅ではコロンなしの -R、使う側では -L",
  },
  question: {
    en: "Two LANs without public addresses, one server, and nobody else may see the share. How?",
    ja: "公開アドレスのない 2 つの LAN と、サーバーが 1 台あります。共有をほかの誰にも見せずにつなぐにはどうしますか。",
  },
  predict: {
    en: "What listens on the server, and for whom? Who gets the file, who does not?",
    ja: "サーバーでは何が待ち受け、誰が使えますか。ファイルを取得できるのは誰で、できないのは誰ですか。",
  },
  commands: [
    "home$ ssh -R 44500:localhost:445 server",
    "other-lan$ ssh -L 1445:localhost:44500 server",
    "other-lan$ smbclient -N -p 1445 //localhost/share -c 'get letter.txt'",
  ],
  seen: {
    en: "The other LAN gets the file; the server's port is only on loopback and refuses everyone outside.",
    ja: "別の LAN はファイルを取得できます。サーバーのポートはループバックにしかなく、外からの接続は拒否されます。",
  },
  why: {
    en: "Both ends log in to the server, and the two tunnels meet on its loopback. The server's accounts decide who gets that far; the share's own password can be a second lock.",
    ja: "両端がサーバーにログインし、2 つのトンネルがサーバーのループバックでつながります。そこまで到達できるのは、サーバーにアカウントを持つ人だけです。共有自体のパスワードで、さらに保護できます。",
  },
});

const test = labTest({ images: { home: "forwardlab/files", "other-lan": "forwardlab/files" } });

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
const get = ["smbclient", "-N", "-p", "1445", "//localhost/share", "-c", "get letter.txt -"];

test("two tunnels meet on the server's loopback", async ({ lab }) => {
  await lab.home.write(files);
  await lab.home.start(["smbd", "--foreground", "--no-process-group"], { listensOn: 445 });

  await using atHome = await lab.home.ssh("-R", "44500:localhost:445", { service: false });
  expect(await lab.otherLan.run(get)).toMatchObject({ code: 1, stdout: "" });
  await using _there = await lab.otherLan.ssh("-L", "1445:localhost:44500", { service: false });

  expect(await lab.otherLan.run(get)).toMatchObject({ code: 0, stdout: "Dear home, all is well.\n" });
  expect(atHome.listeners).toEqual(["127.0.0.1:44500", "[::1]:44500"]);
  await expect(lab.otherLan).toSee(atHome, "refused", { by: "bind-address" });
  await expect(lab.internet).toSee(atHome, "refused", { by: "bind-address" });
});
