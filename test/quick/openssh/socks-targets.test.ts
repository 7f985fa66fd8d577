/** Which targets a SOCKS proxy has to be asked for, so that no door stays unseen. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseForwardArguments } from "../../../harness/openssh/forward-arguments.ts";
import { socksTarget, socksTargets } from "../../../harness/openssh/socks-targets.ts";

function targets(permitopen: string, options = "", ssh = "-D 1080", settings: Record<string, string> = {}) {
  const question = {
    request: parseForwardArguments(ssh).request,
    settings: (keyword: string) => ({
      keyword,
      value: keyword === "permitopen" ? permitopen : (settings[keyword] ?? ""),
      file: "sshd_config",
      line: 3,
    }),
    key: { options },
  };
  return socksTargets(question).map(({ host, port, refusedBy }) => `${refusedBy ? "-" : "+"} ${host}:${port}`);
}

test("a stated target is judged by itself: by the switches, and by the lists", () => {
  const asked = (settings: Record<string, string>, ssh = "-D 1080", permitRemoteOpen: readonly string[] = []) =>
    socksTarget(
      {
        request: parseForwardArguments(ssh).request,
        settings: (keyword) => ({ keyword, value: settings[keyword] ?? (keyword === "permitopen" ? "any" : "") }),
        key: { options: "" },
      },
      permitRemoteOpen,
      { host: "db", port: 5432 },
    ).refusedBy?.code;
  expect(asked({})).toBeUndefined();
  expect(asked({ allowtcpforwarding: "remote" })).toBe("allow-tcp-forwarding");
  expect(asked({ permitopen: "db:5433" })).toBe("permit-open");
  expect(asked({ permitopen: "db:5432" })).toBeUndefined();
  expect(asked({ permitopen: "db:5433", allowtcpforwarding: "remote" }, "-R 1080")).toBeUndefined();
  expect(asked({}, "-R 1080", ["db:5433"])).toBe("permit-remote-open");
});

describe("-D", () => {
  test.each([
    ["any", "", []],
    ["10.20.0.5:5432", "", ["+ 10.20.0.5:5432", "- localhost:7"]],
    ["[2001:db8::5]:80", "", ["+ 2001:db8::5:80", "- localhost:7"]],
    ["none", "", ["- localhost:7"]],
    // All of the server's own ports are let through, then some other port of it cannot be the closed one.
    ["localhost:*", "", ["+ localhost:7"]],
    ["*:443", "", ["+ localhost:443", "- localhost:7"]],
    ["*:*", "", ["+ localhost:7"]],
    ["localhost:7", "", ["+ localhost:7", "- localhost:4"]],
    ["any", 'permitopen="db:1"', ["+ db:1", "- localhost:7"]],
    // What one list names and the other does not is closed.
    ["a:1 b:2", 'permitopen="b:2",permitopen="c:3"', ["- a:1", "+ b:2", "- c:3", "- localhost:7"]],
  ])("PermitOpen %s, key options %s", (permitopen, options, expected) => {
    expect(targets(permitopen, options)).toEqual(expected);
  });

  test("a switch closes them all", () => {
    expect(targets("db:1", "restrict")).toEqual(["- db:1", "- localhost:7"]);
    expect(targets("db:1", "", "-D 1080", { allowtcpforwarding: "no" })).toEqual(["- db:1", "- localhost:7"]);
  });
});

test("remote SOCKS is limited by ssh's own PermitRemoteOpen, never by the server's PermitOpen", () => {
  expect(targets("none", "", "-R 1080")).toEqual([]);
  const question = {
    request: parseForwardArguments("-R 1080").request,
    settings: (keyword: string) => ({ keyword, value: "" }),
    key: { options: "" },
  };
  expect(socksTargets(question, ["192.168.1.20:80"])).toMatchObject([
    { host: "192.168.1.20", port: 80 },
    { host: "localhost", port: 7, refusedBy: { layer: "client", code: "permit-remote-open" } },
  ]);
});

test("wherever a list limits, some target is asked for; every one that an entry names is there", () => {
  const entry = fc
    .tuple(fc.constantFrom("localhost", "db", "10.0.0.1", "*"), fc.constantFrom("1", "7", "80", "*"))
    .map((parts) => parts.join(":"));
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 4 }), (entries) => {
      const found = targets(entries.join(" "));
      expect(found.length).toBeGreaterThan(0);
      for (const each of entries.filter((text) => !text.includes("*"))) expect(found).toContain(`+ ${each}`);
      expect(new Set(found).size).toBe(found.length);
    }),
  );
});
