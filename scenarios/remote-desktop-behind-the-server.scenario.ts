import { articleLab, expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "Two desktops that only the server can reach become two ports on localhost, each with its own certificate",
    ja: "サーバーからしか届かない 2 台のデスクトップは、localhost の 2 つのポートになる。証明書はポートごとに記憶される",
  },
  question: {
    en: "Two office PCs behind the server run Remote Desktop. How does one ssh at home lead to both?",
    ja: "サーバーの奥にあるオフィスの PC 2 台でリモートデスクトップが動いています。自宅の 1 つの ssh で両方に接続するにはどうしますか。",
  },
  predict: {
    en: "Does the client confuse the two ports of localhost? Where do connections come from, as the PCs see it?",
    ja: "クライアントは localhost の 2 つのポートを混同しますか。PC からは、接続元はどこに見えますか。",
  },
  commands: [
    "home$ ssh -L 33891:10.20.0.5:3389 -L 33892:10.20.0.6:3389 server",
    "home$ xfreerdp3 /v:localhost:33891 /cert:tofu",
    "home$ xfreerdp3 /v:localhost:33892 /cert:tofu",
  ],
  seen: {
    en: "Both connect. FreeRDP remembers a certificate for each port, and both PCs see the server. Without -L no packet gets there.",
    ja: "両方に接続できます。FreeRDP は証明書をポートごとに記憶し、PC から見た接続元はサーバーです。-L がなければ、パケットは届きません。",
  },
  why: {
    en: "Each -L has its own listener and its own target. The name is localhost for both, so only the certificate tells which PC it is.",
    ja: "-L ごとに、待ち受けと転送先があります。名前はどちらも localhost なので、どちらの PC かを示すのは証明書だけです。",
  },
});

const article = articleLab();
const { core, ...routers } = article.routers;
const { server, home, ...others } = article.hosts;
const pc = (address: string) => ({
  kind: "container" as const,
  image: "forwardlab/desktop",
  interfaces: [{ name: "eth0", link: { lan: "office" }, addresses: [address] }],
});
const test = labTest({
  spec: {
    ...article,
    lans: { ...article.lans, office: { ipv4: "10.20.0.0/24", isolated: [4, 6] } },
    routers: { ...routers, core: { lans: { ...core?.lans, office: ["10.20.0.254/24"] } } },
    hosts: {
      ...others,
      home: { ...home, image: "forwardlab/desktop" },
      server: { ...server, interfaces: [...server.interfaces, { name: "eth1", link: { lan: "office" }, addresses: ["10.20.0.1/24"] }] },
      "first-pc": pc("10.20.0.5/24"),
      "second-pc": pc("10.20.0.6/24"),
    },
  },
});

/** Everything up to the password, so that no screen is needed. */
const connect = (to: string) => ["xfreerdp3", `/v:${to}`, "/u:alice", "/p:", "+auth-only", "/cert:tofu", "/timeout:1000"];

const log = "/var/log/xrdp.log";

test("each port leads to its own PC", async ({ lab }) => {
  // Two hosts of one image share its certificate.
  await lab.secondPc.run(["make-ssl-cert", "generate-default-snakeoil", "--force-overwrite"]);
  for (const pc of [lab.firstPc, lab.secondPc]) await pc.start(["xrdp", "-n"], { listensOn: 3389 });
  await lab.home.equip();
  await lab.home.start(["ssh", "-N", "-L", "33891:10.20.0.5:3389", "-L", "33892:10.20.0.6:3389", "server"], { listensOn: 33892 });

  for (const { pc, port } of [
    { pc: lab.firstPc, port: 33891 },
    { pc: lab.secondPc, port: 33892 },
  ]) {
    expect(await lab.home.run(connect(`localhost:${port}`))).toMatchObject({ code: 0 });
    const remembered = await lab.home.run(["cat", `/root/.config/freerdp/server/localhost_${port}.pem`]);
    expect(remembered.stdout.trim()).toBe((await pc.run(["cat", "/etc/xrdp/cert.pem"])).stdout.trim());
    const seen = await pc.run(["cat", log]);
    expect(seen.stdout).toContain("connection accepted from [::ffff:10.20.0.1]");
    expect(seen.stdout).toContain("Connected client computer name: home");
  }
});

test("control: without -L home does not get there", async ({ lab }) => {
  await lab.firstPc.write({ [log]: "" });
  await lab.firstPc.start(["xrdp", "-n"], { listensOn: 3389 });

  const { code, stderr } = await lab.home.run(connect("10.20.0.5:3389"));

  expect(code).not.toBe(0);
  expect(stderr).toMatch(/ERRCONNECT_CONNECT_\w*FAILED/);
  expect((await lab.firstPc.run(["cat", log])).stdout).not.toContain("connection accepted");
});
