import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "Passive FTP with only port 21 forwarded by -L logs in but gets no file: the data bypasses the tunnel",
    ja: "-L で 21 番だけを転送したパッシブモードの FTP は、ログインできてもファイルを取得できない",
  },
  question: {
    en: "The office's FTP server is now at localhost:2121. Does the file arrive?",
    ja: "オフィスの FTP サーバーに localhost:2121 で接続できるようになりました。ファイルは取得できますか。",
  },
  predict: {
    en: "To which address and port does the client make its second connection?",
    ja: "クライアントは 2 つ目の接続を、どのアドレスのどのポートに張りますか。",
  },
  commands: [
    "home$ ssh -L 2121:198.51.100.20:21 server",
    "home$ curl -v ftp://127.0.0.1:2121/letter.txt",
    "home$ curl -v --disable-epsv --no-ftp-skip-pasv-ip ftp://127.0.0.1:2121/letter.txt",
  ],
  seen: {
    en: "To a new port on home itself, where nothing listens. A client that trusts the address in PASV connects to the office directly, and is rejected there.",
    ja: "自宅自身の新しいポートで、何も待ち受けていません。PASV のアドレスを信用するクライアントはオフィスに直接接続し、そこで拒否されます。",
  },
  why: {
    en: "Each file uses a connection of its own, to a port that the server picks at that moment. EPSV names only the port, PASV an address too; this -L carries neither.",
    ja: "ファイルごとに別の接続を使い、ポートはその都度サーバーが選びます。EPSV はポートだけ、PASV はアドレスも伝えますが、この -L はどちらも運びません。",
  },
});

const test = labTest({ images: { campus: "forwardlab/files" } });

const office = {
  "/srv/ftp/letter.txt": "Dear home, all is well.\n",
  "/etc/vsftpd.conf": "listen=YES\nanonymous_enable=YES\nno_anon_password=YES\n",
};
const get = (...args: string[]) => ["curl", "-sSv", ...args];

test("the login gets through, the file does not", async ({ lab }) => {
  await lab.campus.write(office);
  await lab.campus.start(["vsftpd", "/etc/vsftpd.conf"], { listensOn: 21 });
  await using _forward = await lab.home.ssh("-L", "2121:198.51.100.20:21", { service: false });

  const { stdout, stderr } = await lab.home.run(get("ftp://127.0.0.1:2121/letter.txt"));
  expect(stdout).toBe("");
  expect(stderr).toContain("230 Login successful");
  const picked = /229 Entering Extended Passive Mode \(\|\|\|(\d+)\|\)/.exec(stderr)?.[1];
  expect(stderr).toMatch(new RegExp(`connect to 127\\.0\\.0\\.1 port ${picked} .*Connection refused`));

  const believing = await lab.home.run(get("--disable-epsv", "--no-ftp-skip-pasv-ip", "ftp://127.0.0.1:2121/letter.txt"));
  expect(believing.stdout).toBe("");
  expect(believing.stderr).toMatch(/227 Entering Passive Mode \(198,51,100,20,/);
  expect(believing.stderr).toContain("Connected 2nd connection to 198.51.100.20");
  expect(believing.stderr).toContain("425 Security: Bad IP connecting");
});

test("control: without the tunnel both connections take the same route", async ({ lab }) => {
  await lab.campus.write(office);
  await lab.campus.start(["vsftpd", "/etc/vsftpd.conf"], { listensOn: 21 });

  expect(await lab.home.run(get("ftp://198.51.100.20/letter.txt"))).toMatchObject({ code: 0, stdout: "Dear home, all is well.\n" });
});
