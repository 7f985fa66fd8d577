/** What `forwardlab/vitest` promises to the tests of others. */
import { describe } from "vitest";
import { articleLab, expect, labTest, test } from "../../harness/vitest/index.ts";
import { SharedLab } from "../../harness/vitest/test-lab.ts";

const firewall =
  "table inet filter { chain input { type filter hook input priority filter; policy drop; tcp dport 22 accept; ct state established accept; }; }";

describe("each test finds the lab clean", () => {
  test("after a test that changed everything and closed nothing", async ({ lab }) => {
    await lab.use({ sshd: "GatewayPorts yes\n", firewall: null, accounts: { alice: {} } });
    const forward = await lab.home.ssh("-fN", "-R", "43234:localhost:3389", { as: "alice" });
    await lab.home.serve(8080);
    await expect(lab.internet).toReach(forward);
  });

  test("sshd's defaults, no firewall, the account tunnel, no forward, no service", async ({ lab }) => {
    await using forward = await lab.home.ssh("-R", ":43234:localhost:8080", { service: false });
    expect(forward.listeners).toEqual(["127.0.0.1:43234", "[::1]:43234"]);
    expect(forward.outcome.account).toBe("tunnel");
    await expect(lab.server).toSee(forward, "closed", { address: "127.0.0.1" });
    expect(lab.forwardLab.rules.count).toBe(0);
  });

  test("also after a config that sshd refused", async ({ lab }) => {
    await expect(lab.use({ sshd: "Port 22\nGatewayPorts maybe\n" })).rejects.toMatchObject({ code: "sshd-config", place: { line: 2 } });
  });

  test("sshd runs again", async ({ lab }) => {
    await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
    expect(forward.granted).toBe(true);
  });
});

describe("an account", () => {
  const whoAmI = "id -u; id -Gn; stat -c %U ~ ~/.ssh ~/.ssh/authorized_keys";

  test("is as declared, and its home is its own", async ({ lab }) => {
    await lab.use({ accounts: { carol: { uid: 2001, groups: ["audit"] } } });
    await lab.home.equip();
    expect((await lab.home.run(["ssh", "server", whoAmI])).stdout).toBe("2001\ncarol audit\ncarol\ncarol\ncarol\n");
  });

  test("is otherwise when the next test says so", async ({ lab }) => {
    await lab.use({ accounts: { carol: { uid: 2002 } } });
    await lab.home.equip();
    expect((await lab.home.run(["ssh", "server", whoAmI])).stdout).toBe("2002\ncarol\ncarol\ncarol\ncarol\n");
    await lab.use({ accounts: { carol: { shell: "/usr/sbin/nologin" } } });
    await lab.home.equip();
    expect(await lab.home.run(["ssh", "server", whoAmI])).toMatchObject({ code: 1 });
    await lab.use({ accounts: { carol: {} } });
    await lab.home.equip();
    expect(await lab.home.run(["ssh", "server", whoAmI])).toMatchObject({ code: 0 });
  });
});

test("a program that was ended no longer listens, however many threads it had", async ({ lab }) => {
  const program = [
    'import socket, threading, time; listener = socket.create_server(("127.0.0.1", 4000))',
    "for _ in range(300): threading.Thread(target=time.sleep, args=(600,)).start()",
    'print("ready", flush=True)',
  ];
  for (let round = 0; round < 10; round++) {
    const started = await lab.campus.start(["python3", "-c", program.join("\n")], { says: /ready/ });
    expect(await lab.campus.listeners(4000)).toEqual(["127.0.0.1:4000"]);
    await started.kill("SIGKILL");
    expect(await lab.campus.listeners(4000)).toEqual([]);
  }
});

describe("errors", () => {
  test("point at the test's own line and say what to do", async ({ lab }) => {
    const error = await lab.home.ssh("-R", ":43234:localhost:3389", "somewhere").catch((reason: Error) => reason);
    expect(error).toMatchObject({ name: "UserError", code: "ssh-arguments" });
    expect(
      String((error as Error).stack)
        .split("\n")
        .find((line) => /^\s+at /.test(line)),
    ).toContain(import.meta.filename);
  });

  test("a capture that tcpdump refuses, or at a place that is not there", async ({ lab }) => {
    await expect(lab.capture("core", "port nonsense")).rejects.toMatchObject({ code: "program", log: expect.stringContaining("nonsense") });
    await expect(lab.capture("nowhere")).rejects.toMatchObject({ code: "unknown-host", expected: expect.stringContaining("core") });
  });

  test("a capture that lost packets", async ({ lab }) => {
    const wire = await lab.capture("core", "tcp port 7000");
    await lab.server.start(["sh", "-c", "head -c 300000000 /dev/zero | nc -N -l 7000"], { listensOn: 7000 });
    await lab.home.run(["sh", "-c", "nc server 7000 > /dev/null"]);
    await expect((async () => wire[Symbol.asyncDispose]())()).rejects.toMatchObject({ code: "capture-lost" });
  });

  test("a login that is refused", async ({ lab }) => {
    await lab.use({ sshd: "AllowUsers somebody\n" });
    await expect(lab.home.ssh("-R", "43234:localhost:3389")).rejects.toMatchObject({ name: "UserError", code: "ssh-login" });
  });
});

test("a program that is given no input reads /dev/null, one that is given some reads it to its end", async ({ lab }) => {
  expect((await lab.home.run(["readlink", "/proc/self/fd/0"])).stdout).toBe("/dev/null\n");
  expect((await lab.home.run(["wc", "-c"], { input: "seven!\n" })).stdout.trim()).toBe("7");
  await using started = await lab.home.start(["sh", "-c", "readlink /proc/self/fd/0; exec sleep 60"], { says: /./ });
  expect(started.lines).toEqual([{ stream: "stdout", text: "/dev/null" }]);
});

test("a lab that fails its self-check lends itself to no test", async () => {
  const spec = articleLab();
  spec.routers.core = { lans: { "server-lan": ["198.51.100.1/24"] } };
  const start = SharedLab.start({ spec }, import.meta.filename);
  await expect(start).rejects.toMatchObject({
    name: "UserError",
    code: "self-check",
    log: expect.stringContaining("not so: internet reaches server's ingress at 2001:db8:100::10"),
  });
});

describe("the matchers", () => {
  test("toReach tells who decided, where and what to do, hop by hop", async ({ lab }) => {
    await lab.use({ sshd: "GatewayPorts clientspecified\n", firewall });
    await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
    const error = await expect(lab.internet)
      .toReach(forward)
      .then(
        () => undefined,
        (reason: Error) => reason,
      );
    expect(error?.message).toMatch(
      /^expect\(internet\)\.toReach\(forward\)\n\ninternet does not reach it over IPv4 and IPv6: ssh -R :43234:localhost:3389\n/,
    );
    expect(error?.message).toMatch(/^Expected +each {2}reached$/m);
    expect(error?.message).toMatch(/^Received +✘ 198\.51\.100\.10:43234 +filtered$/m);
    expect(error?.message).toMatch(/^Decided by +server-firewall {2}firewall:1 {2}inet filter input policy drop$/m);
    expect(error?.message).toMatch(/^ +The firewall on server drops the packet: /m);
    expect(error?.message).toMatch(/^ {2}server +drop: inet filter input policy drop$/m);
    expect(error?.stack?.split("\n").find((line) => /^\s+at /.test(line))).toContain(import.meta.filename);
  });

  test(".not.toReach fails where one family gets through", async ({ lab }) => {
    await lab.use({ sshd: "GatewayPorts clientspecified\n" });
    await using forward = await lab.home.ssh("-R", "[::]:43234:localhost:3389");
    await expect(expect(lab.internet).not.toReach(forward)).rejects.toThrow("internet is not shut out over IPv6");
    await expect(expect(lab.internet).toReach(forward)).rejects.toThrow("internet does not reach it over IPv4");
  });

  test("toSee minds the verdict and what decided it", async ({ lab }) => {
    await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
    await expect(lab.internet).toSee(forward, "refused", { by: { layer: "bind-address", rule: "GatewayPorts no" } });
    await expect(expect(lab.internet).toSee(forward, "filtered")).rejects.toThrow("internet sees something else");
    await expect(expect(lab.internet).toSee(forward, "refused", { by: "router" })).rejects.toThrow("by router");
  });
});

describe("a host's kernel", () => {
  const retries = ["cat", "/proc/sys/net/ipv4/tcp_retries2"];

  test("takes other settings, and tells what is on its way", async ({ lab }) => {
    await lab.server.set({ "net.ipv4.tcp_retries2": 7 });
    expect((await lab.server.run(retries)).stdout).toBe("7\n");
    await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
    await expect(lab.server).toReach(forward);
    await expect.poll(() => lab.server.unacknowledged(22), { timeout: 15_000 }).toBe(0);
    await using _cut = await lab.cut("home");
    await lab.server.start(["nc", "localhost", "43234"]);
    await expect.poll(() => lab.server.unacknowledged(22), { timeout: 15_000 }).toBeGreaterThan(0);
  });

  test("has its own settings back after that", async ({ lab }) => {
    expect((await lab.server.run(retries)).stdout).toBe("15\n");
  });
});

test("a listener that the server has ended is gone, not a contradiction", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await lab.server.run(["pkill", "-u", "tunnel"]);
  await expect.poll(() => lab.server.listeners(43234), { interval: 20, timeout: 15_000 }).toEqual([]);
  await expect(lab.internet).toSee(forward, "refused", { by: "client" });
});

// What it asserts would hold; it fails because the test ends before that is known.
test.fails("an assertion that is not awaited fails the test", async ({ lab }) => {
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
  expect(lab.internet).not.toReach(forward);
});

const own = labTest({
  spec: {
    lans: { office: { ipv4: "10.20.0.0/16", ipv6: "fd00:20::/64" }, "guest-wifi": { ipv4: "10.30.0.0/24" } },
    routers: {
      core: { lans: { office: ["10.20.0.1/16", "fd00:20::1/64"], "guest-wifi": ["10.30.0.1/24"] } },
    },
    hosts: {
      server: { kind: "container", interfaces: [{ name: "ens3", link: { lan: "office" }, addresses: ["10.20.0.5/16", "fd00:20::5/64"] }] },
      laptop: { kind: "container", interfaces: [{ name: "wlan0", link: { lan: "guest-wifi" }, addresses: ["10.30.0.7/24"] }] },
      "front-desk": {
        kind: "namespace",
        interfaces: [{ name: "eth0", link: { lan: "office" }, addresses: ["10.20.0.9/16", "fd00:20::9/64"] }],
      },
    },
  },
  sshd: { path: "fixtures/etc-ssh" },
  accounts: { staff: { keys: ['restrict,port-forwarding,permitlisten="8080"'] }, guest: {} },
  firewall:
    'table inet filter { chain input { type filter hook input priority 0; iifname "ens3" ip saddr 10.20.0.9 tcp dport 8080 drop; }; }',
  openssh: "9.2",
});

describe("a topology, a config folder, accounts and a firewall of the user's own", () => {
  own("hosts have the names they were given", async ({ lab }) => {
    await using forward = await lab.laptop.ssh("-R", ":8080:localhost:80", { as: "staff" });
    expect(forward.listeners).toEqual(["0.0.0.0:8080", "[::]:8080"]);
    expect(forward.outcome.effective).toContainEqual({
      keyword: "gatewayports",
      value: "clientspecified",
      file: "fixtures/etc-ssh/sshd_config.d/50-tunnels.conf",
      line: 2,
      ignored: [{ value: "no", file: "fixtures/etc-ssh/sshd_config", line: 2 }],
    });
    await expect(lab.laptop).toReach(forward);
    await expect(lab.frontDesk).toSee(forward, "filtered", { family: 4, by: "server-firewall" });
    await expect(lab.frontDesk).toReach(forward, { family: 6 });
  });

  own("key options and Match blocks count", async ({ lab }) => {
    await using other = await lab.laptop.ssh("-R", ":8081:localhost:80", { as: "staff" });
    expect(other.outcome.refusedBy).toMatchObject({ layer: "key-options" });
    await using guest = await lab.laptop.ssh("-R", "8080:localhost:80", { as: "guest" });
    expect(guest.outcome.refusedBy).toMatchObject({ layer: "sshd-policy", source: { keyword: "allowtcpforwarding", line: 4 } });
  });
});

test("the article's spec can be changed by spreading", () => {
  const { hosts } = articleLab();
  expect(Object.keys({ ...hosts, attacker: hosts.internet })).toContain("attacker");
});
