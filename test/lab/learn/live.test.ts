/** A lab to work in: what a learner types, what the lab tells of it, and the goal, however it was reached. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LabSpec } from "../../../harness/core/lab-spec.ts";
import type { Goal } from "../../../harness/core/lesson.ts";
import type { LiveSetup } from "../../../harness/learn/live/goal.ts";
import { containersOf } from "../cli/containers-of.ts";
import { Learner } from "./live-session.ts";

const goal: Goal = {
  listener: { host: "server", port: 43234 },
  service: { host: "home", port: 3389 },
  wanted: { "other-lan": true, campus: true },
};
const sshd = { name: "sshd_config", text: "GatewayPorts clientspecified\n" };
const setup: LiveSetup = {
  files: [sshd],
  accounts: ["tunnel"],
  services: [],
  commands: ["home$ ssh -fN -R :43234:localhost:3389 server"],
  goal,
};
const firewall = {
  name: "firewall",
  text: `table inet filter {
  chain input {
    type filter hook input priority filter; policy accept;
    ip saddr 192.0.2.66 tcp dport 43234 drop
  }
}
`,
};

let learner: Learner;
/** Of a lab that other files of this process share. */
let others: string[];
beforeAll(async () => {
  others = (await containersOf(process.pid)).sort();
  learner = await Learner.start();
});
afterAll(async () => {
  await learner[Symbol.asyncDispose]();
});

const port = (destination: string) => destination.split(":").at(-1);

test("the lab tells what it is, and what listens in the beginning", async () => {
  await learner.live.begin("leading-colon", setup);
  const lab = await learner.event("lab", () => true);
  expect(lab.hosts).toContain("other-lan");
  const { listeners } = await learner.event("listeners", ({ listeners }) => listeners.some(({ socket }) => socket === "0.0.0.0:3389"));
  expect(listeners).toContainEqual({ host: "home", socket: "0.0.0.0:3389", process: "service" });
  expect(listeners).toContainEqual({ host: "server", socket: "0.0.0.0:22", process: "sshd" });
});

describe("the article's commands, typed", () => {
  test("a terminal is one: it echoes, has a size, and hears of another", async () => {
    await using home = await learner.shell("home", { cols: 91, rows: 27 });
    expect(await home.type("stty size")).toContain("\n27 91\n");
    await home.terminal.resize({ cols: 120, rows: 40 });
    expect(await home.type("stty size")).toContain("40 120");
    expect(await home.type("test -t 0 && echo a terminal")).toContain("\na terminal");
    await using campus = await learner.shell("campus");
    expect(await campus.type("ip -br address show eth0")).toContain("198.51.100.20/24");
    campus.send("exit\n");
    await campus.ended;
  });

  test("without the colon the goal is not reached, and the hint tells who listens where", async () => {
    const none = await learner.check();
    expect(none.reached).toBe(false);
    expect(none.hint?.en).toBe("other-lan, campus: Nothing listens on port 43234 of server.");
    await using home = await learner.shell("home");
    await learner.opens(home, "ssh -fN -R 43234:localhost:3389 server", "127.0.0.1:43234");
    const checked = await learner.check();
    expect(checked.reached).toBe(false);
    expect(checked.hint?.en).toMatch(/^other-lan, campus: On server sshd listens only on 127\.0\.0\.1:43234 and \[::1\]:43234\.$/);
    expect(checked.hint?.ja).toContain("127.0.0.1:43234");
    expect(checked.checks[0]).toMatchObject({ vantage: "other-lan", wanted: true, observed: "refused", ok: false });
  });

  test("the next lesson finds nothing of it", async () => {
    await using before = await learner.shell("server");
    before.send("nohup setsid sleep 4321 >/dev/null 2>&1 & \n");
    await using home = await learner.shell("home");
    expect(await home.type("pgrep -f 43234:localhos[t]")).toMatch(/\n\d+\n/);
    await home.type("touch /root/.ssh/of-the-lesson-before");
    await learner.live.begin("leading-colon", setup);
    await Promise.all([before.ended, home.ended]);
    await using after = await learner.shell("home");
    expect(await after.type("pgrep -f 43234:localhos[t] || echo none")).toContain("\nnone");
    expect(await after.type("ls /root/.ssh")).not.toContain("of-the-lesson");
    await using server = await learner.shell("server");
    expect(await server.type("pgrep -f 'sleep 432[1]' || echo none")).toContain("\nnone");
    const { listeners } = await learner.event("listeners", ({ listeners }) => !listeners.some(({ socket }) => socket.endsWith(":43234")));
    expect(listeners).toContainEqual({ host: "server", socket: "0.0.0.0:22", process: "sshd" });
  });

  test("with the colon it listens everywhere, a visitor's way is drawn, and the goal is reached", async () => {
    await using home = await learner.shell("home");
    const before = learner.events.length;
    await learner.opens(home, "ssh -fN -R :43234:localhost:3389 server", "0.0.0.0:43234");
    const login = await learner.attempt(({ way, destination }) => way[0] === "home" && port(destination) === "22", before);
    expect(login).toMatchObject({ way: ["home", "home-router", "isp", "core", "server"], outcome: "connected" });
    await using visitor = await learner.shell("other-lan");
    expect(await visitor.type("curl -4 -s http://server:43234/hello")).toContain(" hello ");
    const visit = await learner.attempt(({ destination }) => port(destination) === "43234");
    expect(visit).toMatchObject({
      way: ["other-lan", "other-router", "core", "server"],
      outcome: "connected",
      destination: "198.51.100.10:43234",
    });
    const dial = await learner.attempt(({ destination, way }) => port(destination) === "3389" && way[0] === "home");
    expect(dial).toMatchObject({ way: ["home"], outcome: "connected" });

    const attempts = () => learner.events.filter(({ type }) => type === "attempt").length;
    const told = attempts();
    const checked = await learner.check();
    expect(checked).toMatchObject({ reached: true, checks: [{ observed: "reached" }, { observed: "reached" }] });
    expect(checked.hint).toBeUndefined();
    // Whatever the check's probes caused would be told before this.
    await visitor.type("curl -4 -s http://server:8081/");
    const refused = await learner.attempt(({ destination }) => port(destination) === "8081");
    expect(refused).toMatchObject({ outcome: "refused", way: ["other-lan", "other-router", "core", "server"] });
    expect(attempts()).toBe(told + 1);
  });

  test("a firewall that is loaded meanwhile leaves the forward open; its drop is told with rule, file and line", async () => {
    await learner.live.use([firewall]);
    await using stranger = await learner.shell("internet");
    await stranger.type("curl -4 -s -m 1 http://server:43234/hello");
    const dropped = await learner.attempt(({ way }) => way[0] === "internet");
    expect(dropped).toMatchObject({
      way: ["internet", "core", "server"],
      outcome: "dropped",
      decidedBy: { at: "server", rule: expect.stringContaining("ip saddr 192.0.2.66 tcp dport 43234 drop"), file: "firewall", line: 4 },
    });
    expect((await learner.check()).reached).toBe(true);
    await using campus = await learner.shell("campus");
    expect(await campus.type("curl -4 -s http://server:43234/still")).toContain(" still ");
  });

  test("a file that its tool refuses is an error with its line, and all stays as it was", async () => {
    await expect(learner.live.use([{ ...firewall, text: firewall.text.replace("drop\n", "dorp\n") }])).rejects.toMatchObject({
      code: "firewall-load",
      place: { file: "firewall", line: 4 },
    });
    expect((await learner.check()).reached).toBe(true);
    await expect(
      learner.live.use([{ name: "sshd_config", text: "GatewayPorts clientspecified\nGatwayPorts yes\n" }]),
    ).rejects.toMatchObject({
      place: { file: "sshd_config", line: 2 },
    });
  });
});

test("any way to the goal counts: another command, another setting", async () => {
  await learner.live.begin("leading-colon", setup);
  {
    await using home = await learner.shell("home");
    await learner.opens(home, "ssh -fN -R '*:43234:localhost:3389' server", "0.0.0.0:43234");
    expect((await learner.check()).reached).toBe(true);
  }
  await learner.live.use([{ name: "sshd_config", text: "GatewayPorts yes\n" }]);
  expect((await learner.check()).reached).toBe(false);
  await using home = await learner.shell("home");
  await learner.opens(home, "ssh -fN -R 43234:localhost:3389 server", "0.0.0.0:43234");
  expect((await learner.check()).reached).toBe(true);
});

test("who must not get in has to be proven out", async () => {
  const wanted = { "other-lan": true, internet: false };
  await learner.live.begin("firewall", { ...setup, goal: { ...goal, wanted } });
  await using home = await learner.shell("home");
  await learner.opens(home, "ssh -fN -R :43234:localhost:3389 server", "0.0.0.0:43234");
  const open = await learner.check();
  expect(open.checks.map(({ ok }) => ok)).toEqual([true, false]);
  expect(open.hint?.en).toMatch(/^internet: .* listens on .*no firewall rule blocks it/);
  await learner.live.use([
    {
      ...firewall,
      text: firewall.text.replace("ip saddr 192.0.2.66", "ip6 saddr 2001:db8:66::66"),
    },
  ]);
  expect((await learner.check()).reached).toBe(false);
  await learner.live.use([
    { ...firewall, text: firewall.text.replace("    ip saddr", "    ip6 saddr 2001:db8:66::66 tcp dport 43234 drop\n    ip saddr") },
  ]);
  expect((await learner.check()).reached).toBe(true);
});

test("through a SOCKS proxy, and by a Unix socket", async () => {
  await learner.live.begin("proxy", {
    ...setup,
    goal: { listener: { host: "home", port: 1080 }, service: { host: "server", port: 80 }, target: "localhost:80", wanted: { home: true } },
  });
  await using home = await learner.shell("home");
  expect((await learner.check()).hint?.en).toBe("home: Nothing listens on port 1080 of home.");
  await learner.opens(home, "ssh -fN -L 1080:localhost:22 server", "127.0.0.1:1080");
  expect((await learner.check()).reached).toBe(false);
  await home.type("pkill -f 1080:localhos[t]");
  await learner.opens(home, "ssh -fN -D 1080 server", "127.0.0.1:1080");
  expect((await learner.check()).reached).toBe(true);

  const path = "/home/tunnel/web.sock";
  const wanted = { server: true, campus: false };
  const bySocket: LiveSetup = { ...setup, goal: { listener: { host: "server", path }, service: { host: "home", port: 3389 }, wanted } };
  await learner.live.begin("socket", bySocket);
  await using again = await learner.shell("home");
  expect((await learner.check()).checks.map(({ ok }) => ok)).toEqual([false, true]);
  expect(await again.type(`ssh -fN -R ${path}:localhost:3389 server; echo opened`)).toContain("\nopened");
  expect((await learner.check()).reached).toBe(true);
  // What the learner's ssh has left does not keep the next one from listening.
  await learner.live.begin("socket", bySocket);
  await using third = await learner.shell("home");
  expect((await learner.check()).reached).toBe(false);
  expect(await third.type(`ssh -fN -o ExitOnForwardFailure=yes -R ${path}:localhost:3389 server && echo opened`)).toContain("\nopened");
  expect((await learner.check()).reached).toBe(true);
});

test("a closed terminal takes what it ran in the foreground along", async () => {
  const home = await learner.shell("home");
  home.send("sleep 9876\n");
  await using other = await learner.shell("home");
  await expect.poll(() => other.type("pgrep -f 'sleep 987[6]' || echo none")).not.toContain("\nnone");
  await home[Symbol.asyncDispose]();
  expect(await other.type("pgrep -f 'sleep 987[6]' || echo none")).toContain("\nnone");
});

test("a lesson with another network is tried in that one", async () => {
  const spec: LabSpec = {
    lans: { dmz: { ipv4: "198.51.100.0/24" } },
    routers: { core: { lans: { dmz: ["198.51.100.1/24"] } } },
    hosts: {
      server: { kind: "container", interfaces: [{ name: "eth0", link: { lan: "dmz" }, addresses: ["198.51.100.10/24"] }] },
      office: { kind: "container", interfaces: [{ name: "eth0", link: { router: "core" }, addresses: ["192.0.2.7"] }] },
    },
  };
  const own: LiveSetup = {
    ...setup,
    lab: { spec },
    goal: { listener: { host: "server", port: 43234 }, service: { host: "office", port: 8080 }, wanted: { server: true, office: true } },
  };
  expect([learner.live.fits(setup), learner.live.fits(own)]).toEqual([true, false]);
  await using there = await Learner.start({ lab: { spec } });
  expect([there.live.fits(setup), there.live.fits(own)]).toEqual([false, true]);
  await there.live.begin("dmz", own);
  expect((await there.event("lab", () => true)).hosts).toEqual(["server", "office"]);
  await using office = await there.shell("office");
  await there.opens(office, "ssh -fN -R :43234:localhost:8080 server", "0.0.0.0:43234");
  expect((await there.check()).reached).toBe(true);
});

test("what is left of it in the end: nothing", async () => {
  const home = await learner.shell("home");
  await learner.opens(home, "ssh -fN -R :43235:localhost:3389 server", "0.0.0.0:43235");
  expect((await containersOf(process.pid)).length).toBeGreaterThan(others.length);
  await learner[Symbol.asyncDispose]();
  await home.ended;
  expect((await containersOf(process.pid)).sort()).toEqual(others);
  expect(learner.events.some(({ type }) => type === "ended")).toBe(false);
});
