import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../../../harness/core/errors.ts";
import { parseForwardArguments, parseSshArguments } from "../../../harness/openssh/forward-arguments.ts";
import { formatListener, parseForwardSpec, wireBindAddress } from "../../../harness/openssh/forward-request.ts";
import { splitWords } from "../../../harness/openssh/shell-words.ts";

function refusal(text: string): string {
  try {
    parseForwardArguments(text, { file: "policy.yaml", line: 7 });
  } catch (error) {
    if (error instanceof UserError) {
      expect(error.code).toBe("ssh-arguments");
      expect(error.place).toEqual({ file: "policy.yaml", line: 7 });
      return error.message;
    }
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

test.each([
  ["-F ssh_config -R 80:localhost:80", "host: NAME"],
  ["-N -M 0 -R 5000:localhost:5000", "begin with the word `autossh`"],
  ["-N -R 5000:localhost:5000 20", "leave it out"],
  ["-o 'LocalForward 8888:localhost:9999'", "LocalForward [bind_address:]port host:port"],
  ["-o 'RemoteForward 8888:localhost:9999'", "RemoteForward [bind_address:]port host:port"],
  ["-o 'DynamicForward 8888 localhost:9999'", "DynamicForward [bind_address:]port"],
])("%s: what to write in its place", (text, said) => {
  try {
    parseForwardArguments(text);
  } catch (error) {
    const { expected, todo } = error as UserError;
    return expect(`${expected} ${todo}`).toContain(said);
  }
  throw new Error("it was accepted");
});

describe("what a person types", () => {
  test.each([
    ["-R :43234:localhost:3389", "remote", "", 43234, { host: "localhost", port: 3389 }, ":43234", ""],
    ["-fN -R :43234:localhost:3389", "remote", "", 43234, { host: "localhost", port: 3389 }, ":43234", ""],
    ["ssh -fNR 43234:localhost:3389", "remote", undefined, 43234, { host: "localhost", port: 3389 }, "43234", "localhost"],
    ["-NR43234:localhost:3389", "remote", undefined, 43234, { host: "localhost", port: 3389 }, "43234", "localhost"],
    ["-N -R '*:8080:localhost:80'", "remote", "*", 8080, { host: "localhost", port: 80 }, "*:8080", ""],
    ["-R 0.0.0.0:22222:localhost:22", "remote", "0.0.0.0", 22222, { host: "localhost", port: 22 }, "0.0.0.0:22222", "0.0.0.0"],
    ['-R "[::1]:0:[fd00::7]:22"', "remote", "::1", 0, { host: "fd00::7", port: 22 }, "[::1]:0", "::1"],
    ["-R 43234", "remote-dynamic", undefined, 43234, undefined, "43234", "localhost"],
    ["-R :1080", "remote-dynamic", "", 1080, undefined, ":1080", ""],
    ["-g -L 8080:intranet:80", "local", undefined, 8080, { host: "intranet", port: 80 }, "8080", "localhost"],
    ["-D 127.0.0.1:1080", "dynamic", "127.0.0.1", 1080, undefined, "127.0.0.1:1080", "127.0.0.1"],
    ["-o 'RemoteForward=:9000 localhost:9'", "remote", "", 9000, { host: "localhost", port: 9 }, ":9000", ""],
    ['-o \'RemoteForward "*:8080" "localhost:80"\'', "remote", "*", 8080, { host: "localhost", port: 80 }, "*:8080", ""],
    ["-o 'RemoteForward :8080 localhost:80 # web'", "remote", "", 8080, { host: "localhost", port: 80 }, ":8080", ""],
    ["-o 'remoteforward = 1080'", "remote-dynamic", undefined, 1080, undefined, "1080", "localhost"],
    ["-R 2222:localhost:ssh", "remote", undefined, 2222, { host: "localhost", port: 22 }, "2222", "localhost"],
    ["-L http-alt:intranet:http", "local", undefined, 8080, { host: "intranet", port: 80 }, "8080", "localhost"],
    ["-D socks", "dynamic", undefined, 1080, undefined, "1080", "localhost"],
    ["autossh -M 0 -N -R 5000:localhost:5000", "remote", undefined, 5000, { host: "localhost", port: 5000 }, "5000", "localhost"],
    [
      "/usr/bin/autossh -M20000 -fNR 5000:localhost:5000",
      "remote",
      undefined,
      5000,
      { host: "localhost", port: 5000 },
      "5000",
      "localhost",
    ],
    ["-oLocalForward=9000\\ db:5432", "local", undefined, 9000, { host: "db", port: 5432 }, "9000", "localhost"],
  ])("%s", (text, kind, bind, listenPort, target, requested, wire) => {
    const given = parseForwardArguments(text);
    expect(given.request).toEqual({ kind, bind, listenPort, target });
    expect(given.requested).toBe(requested);
    expect(given.listenPort).toBe(listenPort);
    expect(wireBindAddress(given.request)).toBe(wire);
  });

  test.each([
    ["-R :43234:/run/docker.sock", { kind: "remote", bind: "", listenPort: 43234, targetPath: "/run/docker.sock" }, ":43234"],
    ["-L 8080:/run/app.sock", { kind: "local", bind: undefined, listenPort: 8080, targetPath: "/run/app.sock" }, "8080"],
    [
      "-L 127.0.0.1:8080:/run/app.sock",
      { kind: "local", bind: "127.0.0.1", listenPort: 8080, targetPath: "/run/app.sock" },
      "127.0.0.1:8080",
    ],
    [
      "-R /run/x.sock:localhost:3389",
      { kind: "remote", bind: undefined, listenPort: -2, listenPath: "/run/x.sock", target: { host: "localhost", port: 3389 } },
      "/run/x.sock",
    ],
    [
      "-R /tmp/x.sock:/run/y.sock",
      { kind: "remote", bind: undefined, listenPort: -2, listenPath: "/tmp/x.sock", targetPath: "/run/y.sock" },
      "/tmp/x.sock",
    ],
    [
      "-L '/tmp/a\\:b.sock:db:5432'",
      { kind: "local", bind: undefined, listenPort: -2, listenPath: "/tmp/a:b.sock", target: { host: "db", port: 5432 } },
      "/tmp/a:b.sock",
    ],
    ["-D /tmp/x.sock", { kind: "dynamic", bind: undefined, listenPort: -2, listenPath: "/tmp/x.sock" }, "/tmp/x.sock"],
    [
      "-o 'RemoteForward=/tmp/x.sock localhost:9'",
      { kind: "remote", bind: undefined, listenPort: -2, listenPath: "/tmp/x.sock", target: { host: "localhost", port: 9 } },
      "/tmp/x.sock",
    ],
  ])("%s", (text, request, requested) => {
    expect(parseForwardArguments(text)).toMatchObject({ request, requested, listenPort: request.listenPort });
  });

  test("what ssh is told about its own sockets", () => {
    expect(parseForwardArguments("-o StreamLocalBindMask=0111 -o StreamLocalBindUnlink=yes -L /x:h:1")).toMatchObject({
      streamLocalBindMask: "0111",
      streamLocalBindUnlink: true,
    });
    // Of the mask ssh takes the last value, unlike of any other option.
    expect(parseForwardArguments("-oStreamLocalBindMask=0111 -oStreamLocalBindMask=0000 -L /x:h:1").streamLocalBindMask).toBe("0000");
    expect(parseForwardArguments("-L /x:h:1")).toMatchObject({ streamLocalBindMask: undefined, streamLocalBindUnlink: false });
  });

  test("flags are read wherever they stand, and the first -o of a keyword counts, as in ssh", () => {
    const given = parseForwardArguments("-fN -p 2222 -o ExitOnForwardFailure=yes -oExitOnForwardFailure=no -g -vvC -b 10.0.0.1 -R 1:h:2");
    expect(given).toMatchObject({ background: true, noCommand: true, gatewayPorts: true, exitOnForwardFailure: true, serverPort: 2222 });
    expect(given.argv.slice(0, 4)).toEqual(["-fN", "-p", "2222", "-o"]);
    expect(parseForwardArguments("-R 1:h:2").serverPort).toBeUndefined();
    // -4 and -6: the last one counts, also against -o; among -o the first.
    expect(parseForwardArguments("-R 1:h:2").addressFamily).toBeUndefined();
    expect(parseForwardArguments("-4 -6 -R 1:h:2 -o AddressFamily=inet").addressFamily).toBe(6);
    expect(parseForwardArguments("-o AddressFamily=inet6 -o AddressFamily=inet -R 1:h:2").addressFamily).toBe(6);
    expect(parseForwardArguments('-o "gatewayports = yes" -L 1:h:2').gatewayPorts).toBe(true);
  });

  test.each([
    ["-R 43234:::1:3389", "Bad remote forwarding specification '43234:::1:3389'"],
    ["-R 43234:localhost", "Bad remote forwarding"],
    ["-R 70000:localhost:22", "Bad remote forwarding"],
    ["-L 0:localhost:22", "Bad local forwarding"],
    ["-L 8080", "Bad local forwarding"],
    ["-L 8080:localhost:0", "Bad local forwarding"],
    ["-D 1:2:3", "Bad dynamic forwarding"],
    ["-R [::1:22:h:1", "Bad remote forwarding"],
    ["-R", "option -R needs an argument"],
    ["-fN", "no forward is asked for"],
    ["-R 1:h:1 -L 2:h:2", "2 forwards in one entry"],
    ["-R 2222:localhost:SSH", "Bad remote forwarding"],
    ["-R 2222:localhost:no-such-service", "Bad remote forwarding"],
    ["-o 'RemoteForward 123:localhost:456'", "Bad forwarding specification."],
    ["-o 'LocalForward 123:localhost:456'", "Missing target argument."],
    ["-o 'RemoteForward 1 h:1 h:2'", "extra arguments"],
    ["-o 'RemoteForward \"1 h:1'", "invalid quotes"],
    ["-o RemoteForward", "no argument after keyword"],
    ["autossh -M 44400 -R 44400:localhost:1", "takes ports 44400 and 44401"],
    ["-N -R 1:h:1 alice@server", "a destination or command is given: alice@server"],
    ["-R 1:h:1 -- server", "a destination or command is given: server"],
    ["-R 1:h:1 -u", "ssh has no option -u"],
    ["-J jump -R 1:h:1", "jump hosts"],
    ["-o ProxyJump=jump -R 1:h:1", "jump hosts"],
    ["-l bob -R 1:h:1", "the account is named by"],
    ["-o User=bob -R 1:h:1", "the account is named by"],
    ["-E log -R 1:h:1", "ssh's own messages"],
    ["-f -R 1:h:1", "Cannot fork into background"],
    ["-N -R 43234/127.0.0.1/9", "names a socket by a relative path: 43234/127.0.0.1/9"],
    ["-L 80:run/x.sock", "names a socket by a relative path: run/x.sock"],
    ["-R /run/user/%i/x.sock:localhost:1", "ssh would fill in"],
    ["-R '\u0024{HOME}/x.sock:localhost:1'", "ssh would expand"],
    ["-R /run/x.sock", "asks for SOCKS on a remote socket"],
    ["-L /run/x.sock", "Bad local forwarding"],
    [`-R /${"x".repeat(107)}:localhost:1`, "Bad remote forwarding"],
    [`-R 80:/${"x".repeat(107)}`, "Bad remote forwarding"],
    ["-R '1:h:1", "a quote is left open"],
  ])("%s is refused", (text, message) => {
    expect(refusal(text)).toContain(message);
  });

  test.each([
    ["-R 70000:localhost:22", "'70000:localhost:22' (port 70000 is out of range: the highest is 65535)"],
    ["-R :8080:localhost:65536", "(port 65536 is out of range"],
    ["-R :999999", "(port 999999 is out of range"],
    ["-D 70000", "(port 70000 is out of range"],
    ["-L 70000:/run/x.sock", "(port 70000 is out of range"],
    ["-L /run/x.sock:h:70000", "(port 70000 is out of range"],
    ["-o 'LocalForward 1 h:70000'", "specification. (port 70000 is out of range"],
    ["-p 70000 -R 1:h:1", "Bad port '70000' (port 70000 is out of range"],
    ["-p 0 -R 1:h:1", "(port 0 is none that a connection can go to)"],
    ["-L 0:localhost:22", "(port 0 lets the server choose one, so only -R can ask for it)"],
    ["-R 8080:localhost:0", "(port 0 is none that a connection can go to)"],
    ["-R 2222:localhost:SSH", "(port SSH is neither a number nor the name of a service"],
  ])("%s: which port ssh refuses", (text, message) => {
    expect(refusal(text)).toContain(message);
  });

  test.each(["-R 43234:localhost", "-R 43234:::1:3389", "-L 8080", "-L 70000", "-D 1:2:70000", `-R 80:/${"x".repeat(107)}`])(
    "%s: no port is to blame",
    (text) => {
      expect(refusal(text)).toContain("forwarding specification");
      expect(refusal(text)).not.toContain("(port");
    },
  );
});

test("several forwards of one line: each with words that ask for it alone", () => {
  const { argv, forwards } = parseSshArguments("-fN -R :1:h:1 -o ExitOnForwardFailure=yes -L 2:h:2 -o 'RemoteForward 3 h:3' -R :1:h:1");
  expect(argv.join(" ")).toBe("-fN -R :1:h:1 -o ExitOnForwardFailure=yes -L 2:h:2 -o RemoteForward 3 h:3 -R :1:h:1");
  // Asked for twice, ssh asks once.
  expect(forwards.map(({ requested }) => requested)).toEqual([":1", "2", "3"]);
  expect(forwards.map((each) => each.argv.join(" "))).toEqual([
    "-f -N -o ExitOnForwardFailure=yes -R :1:h:1",
    "-f -N -o ExitOnForwardFailure=yes -L 2:h:2",
    "-f -N -o ExitOnForwardFailure=yes -o RemoteForward 3 h:3",
  ]);
  expect(forwards.every(({ exitOnForwardFailure, background }) => exitOnForwardFailure && background)).toBe(true);
  for (const each of forwards)
    expect(parseForwardArguments(`ssh ${each.argv.map((word) => `'${word}'`).join(" ")}`).request).toEqual(each.request);
});

test("what an ssh_config adds counts after what is typed", () => {
  const { argv, forwards } = parseSshArguments("-N -g", undefined, { config: ["gatewayports no", "localforward 8080 h:80"] });
  expect(argv).toEqual(["-N", "-g", "-o", "gatewayports no", "-o", "localforward 8080 h:80"]);
  expect(forwards).toMatchObject([{ gatewayPorts: true, requested: "8080" }]);
});

test("autossh's -f and -M are its own", () => {
  expect(parseForwardArguments("autossh -M 20000 -f -N -R 1:h:1")).toMatchObject({
    argv: ["-N", "-R", "1:h:1"],
    background: false,
    autosshMonitor: { send: 20000, receive: 20001 },
  });
  expect(parseForwardArguments("autossh -M 0 -R 1:h:1").autosshMonitor).toBeUndefined();
});

test("ProxyJump=none and Tunnel=no ask for nothing and are let through", () => {
  expect(parseForwardArguments("-o ProxyJump=none -oTunnel=no -R 1:h:1").listenPort).toBe(1);
});

const host = fc.oneof(
  fc.constantFrom("localhost", "0.0.0.0", "127.0.0.1", "*", "srv.lab", "LOCALHOST"),
  fc.ipV6().filter((address) => address.includes(":")),
);
const port = fc.integer({ min: 1, max: 65535 });
const bracket = (text: string) => (text.includes(":") ? `[${text}]` : text);

test("every bind form round-trips: the canonical listener, typed again, asks for the same", () => {
  fc.assert(
    fc.property(fc.option(fc.oneof(host, fc.constant("")), { nil: undefined }), fc.nat(65535), host, port, (bind, listen, target, to) => {
      const prefix = bind === undefined ? "" : `${bracket(bind)}:`;
      const request = parseForwardSpec("R", `${prefix}${listen}:${bracket(target)}:${to}`);
      expect(request).toMatchObject({ kind: "remote", bind, listenPort: listen, target: { host: target, port: to } });
      if (!request) return;
      expect(parseForwardSpec("R", `${formatListener(request)}:${bracket(target)}:${to}`)).toEqual(request);
      expect(parseForwardArguments(`-R '${formatListener(request)}:${bracket(target)}:${to}'`).requested).toBe(formatListener(request));
    }),
  );
});

test("nothing that is typed makes the parser throw anything but a UserError", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."-RLDofNg:[]*/\\'\" 019ah=".split("")), maxLength: 30 }), (text) => {
      try {
        parseForwardArguments(text);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }),
  );
});

test("words are split as a shell does", () => {
  expect(splitWords(`a 'b c' "d \\"e\\" \\x" f\\ g ''`)).toEqual(["a", "b c", 'd "e" \\x', "f g", ""]);
  expect(splitWords("a\\")).toBeUndefined();
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      expect(splitWords(words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" "))).toEqual(words);
    }),
  );
});
