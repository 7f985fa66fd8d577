import { articleLab, expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "Two desktops that only the server can see are two ports of localhost, each with its own certificate",
    ja: "サーバーだけから見える二台のデスクトップは、localhost の二つのポート。証明書もポートごと",
  },
  question: {
    en: "Two office PCs have Remote Desktop behind the server. How does one ssh at home lead to both?",
    ja: "サーバーの奥の事務所の PC 二台でリモートデスクトップが動く。自宅の一つの ssh から両方へ行くには。",
  },
  predict: {
    en: "Does the client mistake one localhost for the other? From where do the PCs think you come?",
    ja: "クライアントは二つの localhost を取り違えるか。PC には、どこから来たと見えるか。",
  },
  commands: [
    "home$ ssh -L 33891:10.20.0.5:3389 -L 33892:10.20.0.6:3389 server",
    "home$ xfreerdp3 /v:localhost:33891 /cert:tofu",
    "home$ xfreerdp3 /v:localhost:33892 /cert:tofu",
  ],
  seen: {
    en: "Both connect. FreeRDP keeps a certificate for each port, and both PCs see the server. Without -L no packet gets there.",
    ja: "両方つながる。FreeRDP は証明書をポートごとに覚え、PC にはサーバーが見える。-L がなければパケットは届かない。",
  },
  why: {
    en: "Each -L is a listener of its own with a target of its own; which PC it is shows in the certificate alone, since the name is localhost for both.",
    ja: "-L は一つずつ待ち受けと行き先を持つ。名前はどちらも localhost なので、どの PC かを示すのは証明書だけ。",
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
  // Two machines of one image have the same certificate.
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
