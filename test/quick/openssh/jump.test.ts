import { expect, test } from "vitest";
import { connected, localEndOf } from "../../../harness/openssh/client-log.ts";
import { jumpConfig, parseJump } from "../../../harness/openssh/jump.ts";
import { sshCommand } from "../../../harness/openssh/ssh-command.ts";

test.each([
  ["bastion", [{ name: "bastion" }]],
  ["jump@bastion:2222", [{ name: "bastion", account: "jump", port: 2222 }]],
  ["ssh://jump@bastion:2222", [{ name: "bastion", account: "jump", port: 2222 }]],
  ["one,two@[2001:db8::1]:22", [{ name: "one" }, { name: "2001:db8::1", account: "two", port: 22 }]],
  ["none", []],
])("-J %s", (value, hops) => {
  expect(parseJump(value)).toEqual(hops);
});

test.each(["", "a,,b", "host:0", "host:port", "a b", "jump@", "*", "$(id)", "a;b@host", "-oX"])("-J '%s' is refused", (value) => {
  expect(parseJump(value)).toBe(`Invalid -J argument '${value}'`);
});

const hop = { account: "jump", keyFile: "/k", knownHostsFile: "/h" };

test("ssh finds the first jump host by its address; a further one is asked for by its name", () => {
  const config = jumpConfig(
    [
      { ...hop, name: "bastion", address: "198.51.100.10", port: 22 },
      { ...hop, name: "middle", port: 2222 },
    ],
    30,
  );
  const [first = "", second = "", all = ""] = config.split(/^(?=Host )/m);
  expect(first).toContain("Host bastion\n  HostName 198.51.100.10\n  User jump\n  Port 22\n");
  expect(second).toContain("Host middle\n  User jump\n  Port 2222\n");
  expect(second).not.toContain("HostName");
  // What the ssh of a hop says of its own session must not pass for the forward's.
  expect([first, second].every((block) => block.includes("LogLevel INFO"))).toBe(true);
  expect(all).toContain("StrictHostKeyChecking yes");
});

test("through jump hosts ssh takes that config, and hands no -v on", () => {
  const to = { account: "dev", address: "inner", port: 22, keyFile: "/k", knownHostsFile: "/h" };
  const given = { argv: ["-J", "bastion", "-R", "1:h:1"], noCommand: false, serverPort: undefined };
  const through = sshCommand(given, { ...to, configFile: "/c" });
  expect(through.slice(0, 3)).toEqual(["ssh", "-F", "/c"]);
  expect([through.includes("-v"), through.includes("LogLevel=DEBUG1"), through.at(-1)]).toEqual([false, true, "dev@inner"]);
  const direct = sshCommand(given, to);
  expect([direct[2], direct.includes("-v"), direct.includes("LogLevel=DEBUG1")]).toEqual(["none", true, false]);
});

test("ssh behind a jump host is connected when the server speaks, and sshd says at which of its addresses", () => {
  expect(connected(["debug1: Executing proxy command: exec ssh"])).toBe(false);
  expect(connected(["debug1: Remote protocol version 2.0, remote software version OpenSSH_10.0p2 Debian-7"])).toBe(true);
  const log = [
    "Connection from 10.20.0.1 port 40000 on 10.20.0.5 port 22",
    'Connection from 2001:db8::1 port 40001 on 2001:db8::5 port 2222 rdomain ""',
  ];
  expect(localEndOf(log, "2001:db8::1")).toEqual({ address: "2001:db8::5", port: 2222 });
  expect(localEndOf(log, "192.0.2.1")).toBeUndefined();
});
