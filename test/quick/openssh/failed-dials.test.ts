/** What both logs tell of visitors that led nowhere. Lines are those of OpenSSH 8.4 to 10.6. */
import { describe, expect, test } from "vitest";
import { failedDials } from "../../../harness/openssh/failed-dials.ts";
import { parseForwardArguments } from "../../../harness/openssh/forward-arguments.ts";
import { readLogLine } from "../../../harness/openssh/log-events.ts";
import { explainClosed } from "../../../harness/openssh/refusal.ts";

const visitor = (listen: number, host: string, port: number, channel: number) => [
  `debug1: Connection to port ${listen} forwarding to ${host} port ${port} requested.`,
  `debug1: channel ${channel}: new direct-tcpip [direct-tcpip] (inactive timeout: 0)`,
];
const prohibited = (channel: number) => `channel ${channel}: open failed: administratively prohibited: open failed`;

describe("dialled by ssh (-R)", () => {
  test.each([
    ["Connection refused", "refused"],
    ["Connection timed out", "timeout"],
    ["Software caused connection abort", "timeout"],
    ["Connection aborted", "timeout"],
    ["No route to host", "unreachable"],
    ["Network is unreachable", "unreachable"],
    ["Permission denied", "not-permitted"],
    ["Too many open files", "failed"],
  ])("%s: %s", (text, error) => {
    const log = [`debug1: channel 0: connection failed: ${text}`, "connect_to 192.168.1.20 port 3389: failed."];
    expect(failedDials("remote", log, [])).toEqual([
      { by: "ssh", target: { host: "192.168.1.20", port: 3389 }, error, said: log[1], saidBy: "ssh" },
    ]);
  });

  test("a name that does not resolve", () => {
    const log = ["connect_to nowhere.example: unknown host (Name or service not known)"];
    expect(failedDials("remote", log, [])).toMatchObject([{ by: "ssh", error: "unknown-host" }]);
  });

  test("what sshd logs of the same visitor is not counted again", () => {
    const sshd = ["channel 2: open failed: connect failed: Connection refused"];
    expect(failedDials("remote", ["connect_to ::1 port 9: failed."], sshd)).toHaveLength(1);
  });
});

describe("dialled by sshd (-L, -D)", () => {
  test("the target and the listener of each channel", () => {
    const log = [...visitor(8080, "db", 5432, 2), "channel 2: open failed: connect failed: Connection refused"];
    expect(failedDials("local", log, [])).toEqual([
      { by: "sshd", target: { host: "db", port: 5432 }, listenPort: 8080, error: "refused", said: log[2], saidBy: "ssh" },
    ]);
  });

  test("what a visitor of SOCKS asked for is in sshd's log alone, in the same order", () => {
    const client = [...visitor(1080, "socks", 0, 2), prohibited(2), ...visitor(1080, "socks", 0, 3), prohibited(3)];
    const server = ["db", "mail"].map(
      (host) => `Received request from 203.0.113.7 port 4 to connect to host ${host} port 25, but the request was denied.`,
    );
    expect(failedDials("dynamic", client, server).map(({ target }) => target)).toEqual([
      { host: "db", port: 25 },
      { host: "mail", port: 25 },
    ]);
    // sshd's log comes later: the first is told, the second not yet.
    expect(failedDials("dynamic", client, server.slice(0, 1)).map(({ target }) => target)).toEqual([{ host: "db", port: 25 }, undefined]);
  });

  test("of a path ssh is told nothing: unexplained until sshd's log says why", () => {
    const client = ["channel 2: open failed: connect failed: open failed"];
    const told = (...server: string[]) => failedDials("local", client, server)[0];
    expect(told()).toMatchObject({ error: "unexplained", saidBy: "ssh" });
    expect(told("connect to /run/app.sock port -2 failed: Permission denied")).toMatchObject({
      error: "not-permitted",
      target: { path: "/run/app.sock" },
      saidBy: "sshd",
    });
    expect(told("connect to /run/app.sock port -2 failed: No such file or directory")?.error).toBe("no-such-path");
    expect(told("Received request to connect to path /run/app.sock, but the request was denied.")?.error).toBe("prohibited");
    expect(told("refused streamlocal port forward: originator 127.0.0.1 port 5, target /run/app.sock")?.error).toBe("prohibited");
  });
});

describe("why the server turns visitors away", () => {
  const client = [...visitor(8080, "db", 5432, 2), prohibited(2)];
  const closed = (settings: Record<string, string>, options = "", log = client) => {
    const { request } = parseForwardArguments("-L 8080:db:5432");
    const question = {
      request,
      settings: (keyword: string) => ({ keyword, value: settings[keyword] ?? "", file: "sshd_config", line: 7 }),
      key: { options, file: "alice.keys", line: 3 },
    };
    return explainClosed(question, failedDials("local", log, []));
  };

  test("a setting, with its line", () => {
    expect(closed({ allowtcpforwarding: "no" })).toMatchObject({
      layer: "sshd-policy",
      code: "allow-tcp-forwarding",
      source: { file: "sshd_config", line: 7 },
    });
    expect(closed({ permitopen: "web:80" })).toMatchObject({ code: "permit-open", text: "PermitOpen web:80 does not allow db:5432" });
  });

  test("the key's options, with theirs", () => {
    expect(closed({}, "restrict")).toMatchObject({
      layer: "key-options",
      code: "key-no-forwarding",
      source: { keyword: "restrict", value: "restrict", file: "alice.keys", line: 3, keyOption: true },
    });
    expect(closed({}, 'permitopen="web:80",permitopen="web:81"')).toMatchObject({
      code: "key-permit-open",
      source: { value: 'permitopen="web:80",permitopen="web:81"' },
    });
    expect(closed({}, "restrict,port-forwarding")).toBeUndefined();
  });

  test("nobody, as long as no visitor was turned away, and where the service is at fault", () => {
    expect(closed({ allowtcpforwarding: "no" }, "", visitor(8080, "db", 5432, 2))).toBeUndefined();
    expect(closed({ permitopen: "web:80" }, "", ["channel 2: open failed: connect failed: Connection refused"])).toBeUndefined();
  });
});

test("lines that tell nothing are no events", () => {
  expect(readLogLine("debug1: Sending environment.")).toBeUndefined();
  expect(readLogLine("")).toBeUndefined();
});
