import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "ssh -A lends home's keys to root on the server, who logs in elsewhere with them; -J does the same errand and lends nothing",
    ja: "ssh -A は自宅の鍵をサーバーの root に貸し、root はそれで別の機械にログインできる。-J なら同じ用が足り、何も貸さない",
  },
  question: {
    en: "alice logs in with -A, to go on from the server to a machine on campus. Who else can go there now?",
    ja: "alice が、サーバーから campus の機械へ進むために -A でログインする。ほかに誰がそこへ行けるようになるか。",
  },
  predict: {
    en: "bob on the server, root on the server? And what do AllowAgentForwarding no, restrict before the key, and -J change?",
    ja: "サーバーの bob はどうか。root はどうか。AllowAgentForwarding no、鍵の前の restrict、-J で何が変わるか。",
  },
  commands: [
    "home$ ssh -A alice@server",
    "server# SSH_AUTH_SOCK=/tmp/ssh-…/agent.1 ssh root@campus",
    "home$ ssh -J alice@server root@campus",
  ],
  seen: {
    en: "root logs in on campus with a key that never left home. bob may not open the socket. The other three leave no socket on the server, and -J still gets alice there.",
    ja: "root は、自宅を一度も離れていない鍵で campus にログインする。bob はソケットを開けない。残る三つではサーバーにソケットができず、それでも -J なら alice は着く。",
  },
  why: {
    en: "The agent signs for whoever speaks through the socket, and root opens every socket. With -J it is ssh at home that logs in on campus, and the server carries bytes.",
    ja: "エージェントはソケット越しに頼む者のために署名し、root はどのソケットも開ける。-J では campus にログインするのは自宅の ssh で、サーバーはバイトを運ぶだけ。",
  },
});

const test = labTest({ images: { campus: "forwardlab/host" } });
const agent = { SSH_AUTH_SOCK: "/root/.ssh/agent" };
const anyHostKey = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes"];
const toCampus = ["ssh", ...anyHostKey, "root@198.51.100.20", "echo $SSH_CONNECTION"];
const table = [
  { how: "-A", sshd: "", options: "", lent: true },
  { how: "-A and AllowAgentForwarding no", sshd: "AllowAgentForwarding no\n", options: "", lent: false },
  { how: "-A and restrict before the key", sshd: "", options: "restrict,port-forwarding", lent: false },
];

test.for(table)("$how: lent is $lent", async ({ sshd, options, lent }, { lab, onTestFinished }) => {
  await lab.use({ sshd, accounts: { alice: { keys: [options] }, bob: {} } });
  await lab.home.equip();
  await lab.home.start(["ssh-agent", "-D", "-a", agent.SSH_AUTH_SOCK], { says: /SSH_AUTH_SOCK/ });
  await lab.home.run(["ssh-add", "-q", "/root/.ssh/alice"], { env: agent });
  const { stdout: key } = await lab.home.run(["ssh-add", "-L"], { env: agent });
  await lab.campus.write({ "/root/.ssh/authorized_keys": key });
  await lab.campus.run(["sh", "-c", "[ -e /root/host ] || ssh-keygen -q -t ed25519 -N '' -f /root/host"]);
  await lab.campus.start(["/usr/sbin/sshd", "-D", "-e", "-h", "/root/host", "-o", "UsePAM=no"], { listensOn: 22 });

  onTestFinished(async () => void (await lab.server.run(["pkill", "-KILL", "-u", "alice"])));
  const ssh = await lab.home.start(["ssh", "-A", "alice@server", "echo SOCKET=$SSH_AUTH_SOCK; exec sleep infinity"], {
    env: agent,
    says: /^SOCKET=/,
  });
  const socket = await ssh.waitForLine((text) => /^SOCKET=(.*)/.exec(text)?.[1]);

  expect(socket !== "").toBe(lent);
  const env = { SSH_AUTH_SOCK: socket };
  expect(await lab.server.run(toCampus, { user: "bob", env })).toMatchObject({
    code: 255,
    stderr: expect.stringContaining("Permission denied"),
  });
  const byRoot = await lab.server.run(toCampus, { env });
  if (lent) expect(byRoot.stdout).toMatch(/^198\.51\.100\.10 /);
  else expect(byRoot).toMatchObject({ code: 255, stderr: expect.stringContaining("Permission denied") });

  const byJump = await lab.home.run(["ssh", ...anyHostKey, "-J", "alice@server", "root@198.51.100.20", "hostname"], { env: agent });
  expect(byJump.stdout).toBe("campus\n");
});
