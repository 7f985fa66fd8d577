import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "-D carries both connections of passive FTP, with no fixed port and no forward for each",
    ja: "-D なら、パッシブモードの FTP の接続を両方とも運べる。ポートの固定も、ポートごとの転送も要らない",
  },
  question: {
    en: "The FTP server picks a new port for each file. Can one ssh carry them all?",
    ja: "FTP サーバーは、ファイルごとに新しいポートを選びます。1 つの ssh ですべて運べますか。",
  },
  predict: {
    en: "Where do the two connections come from, as the FTP server sees it? What if only port 21 is permitted?",
    ja: "FTP サーバーからは、2 つの接続はどこから来たように見えますか。21 番だけが許可されている場合はどうなりますか。",
  },
  commands: ["home$ ssh -D 1080 server", "home$ curl --proxy socks5h://localhost:1080 ftp://campus/letter.txt"],
  seen: {
    en: "The file arrives, and the FTP server sees only our server. If PermitOpen allows only port 21, the login works, but no file arrives.",
    ja: "ファイルが届き、FTP サーバーに見えるのはサーバーのアドレスだけです。PermitOpen が 21 番だけなら、ログインはできてもファイルは届きません。",
  },
  why: {
    en: "A SOCKS client names the target of every connection, so the one from PASV or EPSV takes the same tunnel.",
    ja: "SOCKS のクライアントは接続ごとに宛先を伝えるため、PASV や EPSV で知らされた宛先への接続も、同じトンネルを通ります。",
  },
});

const test = labTest({ images: { campus: "forwardlab/files" } });

const office = {
  "/srv/ftp/letter.txt": "Dear home, all is well.\n",
  "/etc/vsftpd.conf": `
listen=YES
anonymous_enable=YES
no_anon_password=YES
xferlog_enable=YES
dual_log_enable=YES
`,
};
const get = ["curl", "-sSv", "--proxy", "socks5h://localhost:1080", "ftp://campus/letter.txt"];

test("the file arrives, through the server", async ({ lab }) => {
  await lab.campus.write({ ...office, "/var/log/vsftpd.log": "" });
  await lab.campus.start(["vsftpd", "/etc/vsftpd.conf"], { listensOn: 21 });
  await using _proxy = await lab.home.ssh("-D", "1080", { service: false });

  expect(await lab.home.run(get)).toMatchObject({ code: 0, stdout: "Dear home, all is well.\n" });

  const log = async () => (await lab.campus.run(["cat", "/var/log/vsftpd.log"])).stdout;
  await expect.poll(log).toMatch(/OK DOWNLOAD: Client "198\.51\.100\.10", "\/letter\.txt"/);
});

test("control: with only port 21 permitted, the data does not get through", async ({ lab }) => {
  await lab.use({ sshd: "PermitOpen campus:21\n" });
  await lab.campus.write(office);
  await lab.campus.start(["vsftpd", "/etc/vsftpd.conf"], { listensOn: 21 });
  await using _proxy = await lab.home.ssh("-D", "1080", { service: false });

  const { stdout, stderr } = await lab.home.run(get);
  expect(stdout).toBe("");
  expect(stderr).toContain("230 Login successful");
  expect(stderr).toContain("connection to proxy closed");
});
