import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "No port need be open for a share: -R without the colon at home, -L where the files are wanted",
    ja: "共有のためにポートを開く必要はない。自宅ではコロンなしの -R、使う側では -L",
  },
  question: {
    en: "Two LANs without public addresses, one server, and nobody else may see the share. How?",
    ja: "公開アドレスのない二つの LAN と、サーバーが一台。ほかの誰にも共有を見せずにつなぐには。",
  },
  predict: {
    en: "What listens on the server, and for whom? Who gets the file, who does not?",
    ja: "サーバーでは何が、誰のために待ち受けるか。ファイルを取れるのは誰で、取れないのは誰か。",
  },
  commands: [
    "home$ ssh -R 44500:localhost:445 server",
    "other-lan$ ssh -L 1445:localhost:44500 server",
    "other-lan$ smbclient -N -p 1445 //localhost/share -c 'get letter.txt'",
  ],
  seen: {
    en: "The other LAN gets the file; the server's port is on loopback alone, and refuses everybody outside.",
    ja: "別の LAN はファイルを取れる。サーバーのポートはループバックにしかなく、外からは全員拒否される。",
  },
  why: {
    en: "Both ends log in to the server, and the two tunnels meet on its loopback. Its accounts are the guest list; the share's own password is the second lock.",
    ja: "両端がサーバーにログインし、二本のトンネルはそのループバックで出会う。招待客の名簿はサーバーのアカウントで、共有のパスワードが二つ目の鍵になる。",
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
