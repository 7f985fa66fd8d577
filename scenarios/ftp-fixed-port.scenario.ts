import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "FTP through -L works once the server's data port is fixed and forwarded by another -L, under the same number",
    ja: "サーバーのデータ用ポートを固定し、同じ番号の -L をもう 1 つ加えれば、FTP は -L で使える",
  },
  question: {
    en: "Port 21 is forwarded, but no file arrives. What must the server fix, and what must ssh forward?",
    ja: "21 番は転送しましたが、ファイルを取得できません。サーバーでは何を固定し、ssh では何を転送すればよいですか。",
  },
  predict: {
    en: "May the second -L use another port at home? What else do old clients need that trust the address in PASV?",
    ja: "2 つ目の -L は、自宅側で別のポートでもよいですか。PASV のアドレスを信用する古いクライアントには、ほかに何が必要ですか。",
  },
  commands: [
    "campus# printf 'pasv_min_port=40000\\npasv_max_port=40000\\n' >> /etc/vsftpd.conf",
    "home$ ssh -L 2121:198.51.100.20:21 -L 40000:198.51.100.20:40000 server",
    "home$ curl ftp://localhost:2121/letter.txt",
  ],
  seen: {
    en: "With both -L the file arrives; with another port number it does not. Old clients also need pasv_address=127.0.0.1.",
    ja: "2 つの -L がそろえばファイルが届きます。番号が違うと届きません。古いクライアントには pasv_address=127.0.0.1 も必要です。",
  },
  why: {
    en: "The server announces the port it listens on, and the client connects to that number. If you have the choice, use sftp: it needs only one connection.",
    ja: "サーバーは自分が待ち受けるポートを伝え、クライアントはその番号に接続します。選べるなら sftp を使ってください。接続は 1 つで済みます。",
  },
});

const test = labTest({ images: { campus: "forwardlab/files" } });

const office = (...lines: string[]) => ({
  "/srv/ftp/letter.txt": "Dear home, all is well.\n",
  "/etc/vsftpd.conf": ["listen=YES", "anonymous_enable=YES", "no_anon_password=YES", ...lines, ""].join("\n"),
});
const fixed = ["pasv_min_port=40000", "pasv_max_port=40000"];
const letter = { code: 0, stdout: "Dear home, all is well.\n" };
const get = (...options: string[]) => ["curl", "-sSv", ...options, "ftp://localhost:2121/letter.txt"];
const believing = get("--ipv4", "--disable-epsv", "--no-ftp-skip-pasv-ip");

test("both ports forwarded: the file arrives", async ({ lab }) => {
  await lab.campus.write(office(...fixed));
  await lab.campus.start(["vsftpd", "/etc/vsftpd.conf"], { listensOn: 21 });
  await using _control = await lab.home.ssh("-L", "2121:198.51.100.20:21", { service: false });
  await using _data = await lab.home.ssh("-L", "40000:198.51.100.20:40000", { service: false });

  expect(await lab.home.run(get())).toMatchObject(letter);
  expect(await lab.home.run(believing)).toMatchObject({ stdout: "", stderr: expect.stringContaining("425 Security: Bad IP connecting") });
});

test("pasv_address helps clients that trust it", async ({ lab }) => {
  await lab.campus.write(office(...fixed, "pasv_address=127.0.0.1"));
  await lab.campus.start(["vsftpd", "/etc/vsftpd.conf"], { listensOn: 21 });
  await using _control = await lab.home.ssh("-L", "2121:198.51.100.20:21", { service: false });
  await using _data = await lab.home.ssh("-L", "40000:198.51.100.20:40000", { service: false });

  expect(await lab.home.run(believing)).toMatchObject(letter);
});

test("control: another port at home does not work", async ({ lab }) => {
  await lab.campus.write(office(...fixed));
  await lab.campus.start(["vsftpd", "/etc/vsftpd.conf"], { listensOn: 21 });
  await using _control = await lab.home.ssh("-L", "2121:198.51.100.20:21", { service: false });
  await using _data = await lab.home.ssh("-L", "40001:198.51.100.20:40000", { service: false });

  const { stdout, stderr } = await lab.home.run(get());
  expect(stdout).toBe("");
  expect(stderr).toMatch(/port 40000 .*Connection refused/);
});
