import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "ssh -A lets root on the server log in elsewhere with home's keys; -J does the same job without that",
    ja: "ssh -A を使うと、サーバーの root が自宅の鍵でほかのホストにログインできる。-J なら防げる",
  },
  question: {
    en: "alice logs in with -A so that she can go on from the server to a host on campus. Who else can now log in there?",
    ja: "alice は、サーバーから campus のホストへ進むために -A でログインします。ほかに誰がそこへログインできるようになりますか。",
  },
  predict: {
    en: "bob on the server? root on the server? What changes with AllowAgentForwarding no, with restrict on the key, and with -J?",
    ja: "サーバーの bob はどうですか。root はどうですか。AllowAgentForwarding no、鍵の restrict、-J で何が変わりますか。",
  },
  commands: [
    "home$ ssh -A alice@server",
    "server# SSH_AUTH_SOCK=/tmp/ssh-…/agent.1 ssh root@campus",
    "home$ ssh -J alice@server root@campus",
  ],
  seen: {
    en: "root logs in on campus with a key that never left home. bob cannot open the socket. With the other three there is no agent socket on the server, and -J still takes alice there.",
    ja: "root は、自宅から一度も出ていない鍵で campus にログインできます。bob はソケットを開けません。残りの 3 つではサーバーにエージェントのソケットができず、-J なら alice は campus に到達できます。",
  },
  why: {
    en: "The agent signs for anyone who can open its socket, and root can open any socket. With -J, the ssh at home logs in on campus, and the server only carries bytes.",
    ja: "エージェントは、ソケットを開ける相手なら誰のためにも署名し、root はどのソケットも開けます。-J では自宅の ssh が campus にログインし、サーバーは通信を中継するだけです。",
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

test.for(table)("$how: agent exposed is $lent", async ({ sshd, options, lent }, { lab, onTestFinished }) => {
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
