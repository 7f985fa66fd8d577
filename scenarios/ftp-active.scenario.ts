import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "In active FTP through -L the server dials its own loopback; a -R of the same port brings that home",
    ja: "-L を通した能動モードの FTP では、サーバーは自分のループバックへダイヤルする。同じポートの -R がそれを自宅へ届ける",
  },
  question: {
    en: "In active mode the FTP server connects to the client. Where to, when the client came through -L?",
    ja: "能動モードでは FTP サーバーがクライアントへ接続する。クライアントが -L を通って来たとき、どこへ接続するか。",
  },
  predict: {
    en: "Which address does the client offer, and whose is it for the server?",
    ja: "クライアントはどのアドレスを告げ、それはサーバーにとって誰のものか。",
  },
  commands: [
    "home$ ssh -L 2121:127.0.0.1:21 server",
    "home$ curl -P 127.0.0.1:40000-40000 ftp://127.0.0.1:2121/letter.txt",
    "home$ ssh -R 40000:127.0.0.1:40000 server",
    "home$ curl -P 127.0.0.1:40000-40000 ftp://127.0.0.1:2121/letter.txt",
  ],
  seen: {
    en: "To port 40000 of the server itself, where nobody listens: error 425. With -R there the file comes.",
    ja: "サーバー自身の 40000 番で、誰も待ち受けておらず 425 エラー。そこに -R があればファイルが届く。",
  },
  why: {
    en: "The client offers the address from which it reached the tunnel, 127.0.0.1, and the server takes it for its own. Behind a NAT that does not know FTP, active mode fails without a tunnel, too.",
    ja: "クライアントが告げるのは、トンネルに入った側のアドレス 127.0.0.1。サーバーにはそれが自分に見える。FTP を知らない NAT の内側では、トンネルなしでも能動モードは失敗する。",
  },
});

const test = labTest({ images: { server: "forwardlab/files" } });

const files = {
  "/srv/ftp/letter.txt": "Dear home, all is well.\n",
  "/etc/vsftpd.conf": "listen=YES\nanonymous_enable=YES\nno_anon_password=YES\n",
};
const letter = { code: 0, stdout: "Dear home, all is well.\n" };
const get = (port: string, url: string) => ["curl", "-sSv", "-P", port, url];
const throughTunnel = get("127.0.0.1:40000-40000", "ftp://127.0.0.1:2121/letter.txt");

test("the server dials itself, until -R stands there", async ({ lab }) => {
  await lab.server.write(files);
  await lab.server.start(["vsftpd", "/etc/vsftpd.conf"], { listensOn: 21 });
  await using _control = await lab.home.ssh("-L", "2121:127.0.0.1:21", { service: false });

  const refused = await lab.home.run(throughTunnel);
  expect(refused).toMatchObject({ stdout: "", stderr: expect.stringContaining("EPRT |1|127.0.0.1|40000|") });
  expect(refused.stderr).toContain("425 Failed to establish connection");

  await using _data = await lab.home.ssh("-R", "40000:127.0.0.1:40000", { service: false });
  expect(await lab.home.run(throughTunnel)).toMatchObject(letter);
});

test("control: without a tunnel it works from a public address, and not from behind NAT", async ({ lab }) => {
  await lab.server.write(files);
  await lab.server.start(["vsftpd", "/etc/vsftpd.conf"], { listensOn: 21 });
  const direct = get("-", "ftp://198.51.100.10/letter.txt");

  expect(await lab.campus.run(direct)).toMatchObject(letter);
  const behindNat = await lab.home.run(direct);
  expect(behindNat).toMatchObject({ stdout: "", stderr: expect.stringContaining("EPRT |1|192.168.1.10|") });
  expect(behindNat.stderr).toContain("500 Illegal PORT command");
});
