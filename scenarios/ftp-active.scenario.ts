import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "In active FTP through -L the server connects to its own loopback; -R on the same port leads home",
    ja: "-L を通したアクティブモードの FTP では、サーバーは自分のループバックに接続する。同じポートの -R で自宅に届く",
  },
  question: {
    en: "In active mode the FTP server connects to the client. Where does it connect if the client came through -L?",
    ja: "アクティブモードでは、FTP サーバーがクライアントに接続します。クライアントが -L を通って来た場合、どこに接続しますか。",
  },
  predict: {
    en: "Which address does the client send, and which host is that for the server?",
    ja: "クライアントはどのアドレスを伝えますか。それはサーバーから見てどのホストですか。",
  },
  commands: [
    "home$ ssh -L 2121:127.0.0.1:21 server",
    "home$ curl -P 127.0.0.1:40000-40000 ftp://127.0.0.1:2121/letter.txt",
    "home$ ssh -R 40000:127.0.0.1:40000 server",
    "home$ curl -P 127.0.0.1:40000-40000 ftp://127.0.0.1:2121/letter.txt",
  ],
  seen: {
    en: "To port 40000 on the server itself, where nothing listens: error 425. With -R on that port, the file arrives.",
    ja: "サーバー自身の 40000 番に接続しますが、何も待ち受けておらず、425 エラーになります。そのポートに -R があれば、ファイルが届きます。",
  },
  why: {
    en: "The client sends the address it used to enter the tunnel, 127.0.0.1, which the server takes for its own. Behind a NAT that does not understand FTP, active mode fails even without a tunnel.",
    ja: "クライアントが伝えるのは、トンネルに入るときに使った 127.0.0.1 で、サーバーにとっては自分自身です。FTP を理解しない NAT の内側では、トンネルがなくてもアクティブモードは失敗します。",
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

test("the server connects to itself, until -R listens there", async ({ lab }) => {
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
