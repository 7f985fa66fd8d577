import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "-D carries both connections of passive FTP, with no port fixed and none forwarded",
    ja: "-D は受動モードの FTP の接続を二本とも運ぶ。ポートの固定も、ポートごとの転送も要らない",
  },
  question: {
    en: "The FTP server picks a fresh port for each file. Can one ssh carry them all?",
    ja: "FTP サーバーはファイルごとに新しいポートを選ぶ。一つの ssh で全部運べるか。",
  },
  predict: {
    en: "From where does the FTP server see the two connections come? What if only port 21 is permitted?",
    ja: "FTP サーバーには、二本の接続がどこから来たと見えるか。21 番だけが許されていたらどうか。",
  },
  commands: ["home$ ssh -D 1080 server", "home$ curl --proxy socks5h://localhost:1080 ftp://campus/letter.txt"],
  seen: {
    en: "The file comes, and the FTP server has seen nobody but the server. With PermitOpen for port 21 alone the login works and the file does not come.",
    ja: "ファイルが届き、FTP サーバーから見えたのはサーバーだけ。PermitOpen が 21 番だけなら、ログインはできてもファイルは届かない。",
  },
  why: {
    en: "A SOCKS client names the target of each connection anew, so the one that PASV or EPSV names goes through the same tunnel.",
    ja: "SOCKS のクライアントは接続ごとに行き先を告げる。だから PASV や EPSV が告げた行き先も、同じトンネルを通る。",
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

test("the file comes, by way of the server", async ({ lab }) => {
  await lab.campus.write({ ...office, "/var/log/vsftpd.log": "" });
  await lab.campus.start(["vsftpd", "/etc/vsftpd.conf"], { listensOn: 21 });
  await using _proxy = await lab.home.ssh("-D", "1080", { service: false });

  expect(await lab.home.run(get)).toMatchObject({ code: 0, stdout: "Dear home, all is well.\n" });

  const log = async () => (await lab.campus.run(["cat", "/var/log/vsftpd.log"])).stdout;
  await expect.poll(log).toMatch(/OK DOWNLOAD: Client "198\.51\.100\.10", "\/letter\.txt"/);
});

test("control: with port 21 alone permitted there is no way for the data", async ({ lab }) => {
  await lab.use({ sshd: "PermitOpen campus:21\n" });
  await lab.campus.write(office);
  await lab.campus.start(["vsftpd", "/etc/vsftpd.conf"], { listensOn: 21 });
  await using _proxy = await lab.home.ssh("-D", "1080", { service: false });

  const { stdout, stderr } = await lab.home.run(get);
  expect(stdout).toBe("");
  expect(stderr).toContain("230 Login successful");
  expect(stderr).toContain("connection to proxy closed");
});
