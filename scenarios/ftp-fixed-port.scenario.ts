import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "FTP through -L works once the server's data port is fixed and has a -L of its own, with the same number",
    ja: "サーバーのデータ用ポートを固定し、同じ番号の -L をもう一つ足せば、FTP は -L で使える",
  },
  question: {
    en: "Port 21 is forwarded, the files do not come. What must the server promise, and what must ssh carry?",
    ja: "21 番は転送したが、ファイルが取れない。サーバーは何を約束し、ssh は何を運べばよいか。",
  },
  predict: {
    en: "May the second -L use another port at home? What do old clients need that believe the address of PASV?",
    ja: "二つ目の -L は自宅側で別のポートでもよいか。PASV のアドレスを信じる古いクライアントには、ほかに何が要るか。",
  },
  commands: [
    "campus# printf 'pasv_min_port=40000\\npasv_max_port=40000\\n' >> /etc/vsftpd.conf",
    "home$ ssh -L 2121:198.51.100.20:21 -L 40000:198.51.100.20:40000 server",
    "home$ curl ftp://localhost:2121/letter.txt",
  ],
  seen: {
    en: "With both -L the file comes. With another number it does not. Old clients need pasv_address=127.0.0.1 as well.",
    ja: "-L が二つそろえばファイルが届く。別の番号では届かない。古いクライアントには pasv_address=127.0.0.1 も要る。",
  },
  why: {
    en: "The server tells the port that it listens on, and the client dials that number. Where you may choose, take sftp: it is one connection.",
    ja: "サーバーは自分が待ち受ける番号を告げ、クライアントはその番号へダイヤルする。選べるなら sftp を。接続は一本で済む。",
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

test("both ports forwarded: the file comes", async ({ lab }) => {
  await lab.campus.write(office(...fixed));
  await lab.campus.start(["vsftpd", "/etc/vsftpd.conf"], { listensOn: 21 });
  await using _control = await lab.home.ssh("-L", "2121:198.51.100.20:21", { service: false });
  await using _data = await lab.home.ssh("-L", "40000:198.51.100.20:40000", { service: false });

  expect(await lab.home.run(get())).toMatchObject(letter);
  expect(await lab.home.run(believing)).toMatchObject({ stdout: "", stderr: expect.stringContaining("425 Security: Bad IP connecting") });
});

test("pasv_address helps those who believe it", async ({ lab }) => {
  await lab.campus.write(office(...fixed, "pasv_address=127.0.0.1"));
  await lab.campus.start(["vsftpd", "/etc/vsftpd.conf"], { listensOn: 21 });
  await using _control = await lab.home.ssh("-L", "2121:198.51.100.20:21", { service: false });
  await using _data = await lab.home.ssh("-L", "40000:198.51.100.20:40000", { service: false });

  expect(await lab.home.run(believing)).toMatchObject(letter);
});

test("control: another number at home does not do", async ({ lab }) => {
  await lab.campus.write(office(...fixed));
  await lab.campus.start(["vsftpd", "/etc/vsftpd.conf"], { listensOn: 21 });
  await using _control = await lab.home.ssh("-L", "2121:198.51.100.20:21", { service: false });
  await using _data = await lab.home.ssh("-L", "40001:198.51.100.20:40000", { service: false });

  const { stdout, stderr } = await lab.home.run(get());
  expect(stdout).toBe("");
  expect(stderr).toMatch(/port 40000 .*Connection refused/);
});
