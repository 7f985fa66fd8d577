import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "Passive FTP through -L of port 21 logs in and gets no file: the data runs beside the tunnel",
    ja: "-L で 21 番だけを転送した受動モードの FTP は、ログインできてもファイルを取れない。データはトンネルの脇を通る",
  },
  question: {
    en: "The office's FTP server is at localhost:2121 now. Does the file come?",
    ja: "事務所の FTP サーバーが localhost:2121 に来た。ファイルは取れるか。",
  },
  predict: {
    en: "To which address and port does the client make its second connection?",
    ja: "クライアントは二本目の接続を、どのアドレスのどのポートへ張るか。",
  },
  commands: [
    "home$ ssh -L 2121:198.51.100.20:21 server",
    "home$ curl -v ftp://127.0.0.1:2121/letter.txt",
    "home$ curl -v --disable-epsv --no-ftp-skip-pasv-ip ftp://127.0.0.1:2121/letter.txt",
  ],
  seen: {
    en: "To a fresh port of home itself, where nobody listens. A client that believes the address of PASV dials the office directly, and is turned away there.",
    ja: "自宅自身の新しいポートで、誰も待ち受けていない。PASV のアドレスを信じるクライアントは事務所へ直接ダイヤルし、そこで断られる。",
  },
  why: {
    en: "Each file comes over a connection of its own, to a port that the server picks just then. EPSV names the port alone, PASV an address too; -L carries neither.",
    ja: "ファイルごとに別の接続を張り、ポートはその場でサーバーが選ぶ。EPSV はポートだけ、PASV はアドレスも告げるが、-L はどちらも運ばない。",
  },
});

const test = labTest({ images: { campus: "forwardlab/files" } });

const office = {
  "/srv/ftp/letter.txt": "Dear home, all is well.\n",
  "/etc/vsftpd.conf": "listen=YES\nanonymous_enable=YES\nno_anon_password=YES\n",
};
const get = (...args: string[]) => ["curl", "-sSv", ...args];

test("the login is carried, the file is not", async ({ lab }) => {
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

test("control: without the tunnel both connections go the same way", async ({ lab }) => {
  await lab.campus.write(office);
  await lab.campus.start(["vsftpd", "/etc/vsftpd.conf"], { listensOn: 21 });

  expect(await lab.home.run(get("ftp://198.51.100.20/letter.txt"))).toMatchObject({ code: 0, stdout: "Dear home, all is well.\n" });
});
