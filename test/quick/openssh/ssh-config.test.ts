/** The client's config: which lines count for one host. */
import { describe, expect, test } from "vitest";
import { parseSshArguments } from "../../../harness/openssh/forward-arguments.ts";
import { optionsForHost, readSshConfig, settingsForHost } from "../../../harness/openssh/ssh-config.ts";

async function settings(files: Record<string, string> | string, host: string, user?: string) {
  const all = typeof files === "string" ? { config: files } : files;
  const reader = {
    read: async (path: string) => (all[path] === undefined ? undefined : { text: all[path], display: `~/.ssh/${path}` }),
    glob: async (pattern: string) =>
      Object.keys(all).filter((name) => name === pattern || (pattern === "conf.d/*" && name.startsWith("conf.d/"))),
  };
  return settingsForHost(await readSshConfig(reader, "config"), { host, ...(user === undefined ? {} : { user }) });
}

async function values(files: Record<string, string> | string, host: string, user?: string): Promise<string[]> {
  const { lines } = await settings(files, host, user);
  return lines.map(({ keyword, args, line }) => `${line} ${keyword} ${args.join(" ")}`);
}

describe("Host", () => {
  test.each([
    ["server", true],
    ["server.example.org", false],
    ["web1", true],
    ["web12", false],
    ["db-old", false],
    ["db-new", true],
  ])("patterns and negation: %s", async (host, holds) => {
    const config = "Host server web? db-* !*-old\n  RemoteForward 1 h:1\n";
    expect(await values(config, host)).toEqual(holds ? ["2 remoteforward 1 h:1"] : []);
  });

  test("lines before the first Host count for all; the first value wins, forwards add up", async () => {
    const config =
      "GatewayPorts no\nRemoteForward 1 h:1\nHost a\n  GatewayPorts yes\n  RemoteForward 2 h:2\nHost *\n  ServerAliveInterval 5\n";
    expect(await values(config, "a")).toEqual([
      "1 gatewayports no",
      "2 remoteforward 1 h:1",
      "5 remoteforward 2 h:2",
      "7 serveraliveinterval 5",
    ]);
    expect(await values(config, "b")).toEqual(["1 gatewayports no", "2 remoteforward 1 h:1", "7 serveraliveinterval 5"]);
  });
});

describe("Match", () => {
  test("all, host (after HostName), originalhost, user, negation", async () => {
    const config = [
      "Host alias",
      "  HostName real.example.org",
      "  User alice",
      "Match host real.example.org",
      "  RemoteForward 1 h:1",
      "Match originalhost alias user alice",
      "  RemoteForward 2 h:2",
      "Match !user alice",
      "  RemoteForward 3 h:3",
      "Match all",
      "  RemoteForward 4 h:4",
    ].join("\n");
    const forwards = async (user?: string) =>
      (await values(config, "alias", user)).flatMap((line) => /remoteforward (\d)/.exec(line)?.[1] ?? []);
    expect(await forwards()).toEqual(["1", "2", "4"]);
    expect(await forwards("bob")).toEqual(["1", "3", "4"]);
  });

  test("a block is decided at its own line", async () => {
    const config =
      "Match host a\n  HostName b\n  RemoteForward 1 h:1\nMatch host a\n  RemoteForward 2 h:2\nMatch host b\n  RemoteForward 3 h:3\n";
    expect(await values(config, "a")).toEqual(["2 hostname b", "3 remoteforward 1 h:1", "7 remoteforward 3 h:3"]);
  });

  test("host takes HostName with its %h filled in", async () => {
    const config = "Host web\n  HostName %h.example.org\nMatch host web.example.org\n  RemoteForward 1 h:1\n";
    expect(await values(config, "web")).toContain("4 remoteforward 1 h:1");
    expect(await values(config.replace("%h", "%%h"), "web")).toEqual(["2 hostname %%h.example.org"]);
  });

  describe("final", () => {
    const config = (final: string) =>
      [
        ...["Host alias", "  HostName Real.example.org", "  RemoteForward 1 h:1"],
        ...["Host real.example.org", "  RemoteForward 2 h:2"],
        ...["Match host real.example.org", "  RemoteForward 3 h:3"],
        ...["Host alias", "  RemoteForward 4 h:4", final, "  RemoteForward 5 h:5"],
      ].join("\n");
    const forwards = async (final: string, host = "alias") =>
      (await values(config(final), host)).flatMap((line) => /remoteforward (\d)/.exec(line)?.[1] ?? []);

    test("the config is read once more, by the name that ssh connects to; a forward counts once", async () => {
      expect(await forwards("Match final all")).toEqual(["1", "3", "4", "2", "5"]);
      expect(await forwards("Match final originalhost alias")).toEqual(["1", "3", "4", "2", "5"]);
      expect(await forwards("Match canonical final")).toEqual(["1", "3", "4", "2", "5"]);
    });

    test("also where no final block holds, for each of them asks for it", async () => {
      expect(await forwards("Match final originalhost other")).toEqual(["1", "3", "4", "2"]);
      expect(await forwards("Match !final all")).toEqual(["1", "3", "4", "5", "2"]);
    });

    test("control: nothing asks for it", async () => {
      expect(await forwards("Match all")).toEqual(["1", "3", "4", "5"]);
      expect(await forwards("Match canonical")).toEqual(["1", "3", "4"]);
      expect(await forwards("Match final all", "real.example.org")).toEqual(["2", "3", "5"]);
    });
  });

  test("tagged, by the Tag that came before", async () => {
    const config = "Match tagged web\n  RemoteForward 1 h:1\nHost a\n  Tag web\nMatch tagged w*\n  RemoteForward 2 h:2\n";
    expect(await values(config, "a")).toEqual(["4 tag web", "6 remoteforward 2 h:2"]);
    expect(await values(config, "b")).toEqual([]);
  });

  test("the same forward in two blocks is one", async () => {
    const config =
      "Host a\n  RemoteForward 8080 localhost:80\n  LocalForward 8080 localhost:80\nHost *\n  RemoteForward 8080 [localhost]:80\n";
    expect(await values(config, "a")).toEqual(["2 remoteforward 8080 localhost:80", "3 localforward 8080 localhost:80"]);
  });

  test("what only the client can decide is said", async () => {
    const found = await settings('Match exec "test -e /x"\n  RemoteForward 1 h:1\n', "a");
    expect(found).toEqual({ lines: [], undecided: [{ file: "~/.ssh/config", line: 1 }] });
  });
});

describe("CanonicalizeHostname", () => {
  const block = "Host web.example.org\n  RemoteForward 1 h:1\nHost *\n  CanonicalDomains example.net example.org\n";

  test("a block for the name that ssh would look up is left out, and told with that name", async () => {
    const found = await settings(`${block}  CanonicalizeHostname yes\n`, "web");
    expect(found.lines.filter(({ keyword }) => keyword === "remoteforward")).toEqual([]);
    expect(found.undecided).toEqual([{ file: "~/.ssh/config", line: 1, canonicalName: "web.example.org" }]);
    const typed = await settings(`${block}  CanonicalizeHostname yes\n`, "web.example.org");
    expect([typed.lines.length, typed.undecided]).toEqual([3, []]);
    const match = await settings(`${block}  CanonicalizeHostname always\nMatch canonical\n  RemoteForward 2 h:2\n`, "web");
    expect(match.undecided.map(({ line }) => line)).toEqual([1]);
    // ssh reads the config once more whether or not it finds such a name.
    expect(match.lines.at(-1)).toMatchObject({ keyword: "remoteforward", args: ["2", "h:2"] });
    const named = await settings(`${block}  CanonicalizeHostname yes\nMatch host web.example.net\n  RemoteForward 2 h:2\n`, "web");
    expect(named.undecided.map(({ line, canonicalName }) => `${line} ${canonicalName}`)).toEqual([
      "1 web.example.org",
      "6 web.example.net",
    ]);
  });

  test.each([
    ["is off", "  CanonicalizeHostname no\n", "web"],
    ["is not stated", "", "web"],
    ["has no such domain", "  CanonicalizeHostname yes\n", "mail"],
    ["takes no name with so many dots", "  CanonicalizeHostname yes\n  CanonicalizeMaxDots 0\n", "a.web"],
  ])("nothing is left open where it %s", async (_, text, host) => {
    const name = host === "a.web" ? "a.web.example.org" : "web.example.org";
    expect((await settings(`${block.replace("web.example.org", name)}${text}Match canonical\n`, host)).undecided).toEqual([]);
  });
});

describe("Include", () => {
  test("inside a Host it depends on it; its own blocks end with it", async () => {
    const files = {
      config: "Host a\n  Include conf.d/*\n  RemoteForward 1 h:1\n",
      "conf.d/1": "RemoteForward 2 h:2\nHost b\n  RemoteForward 3 h:3\n",
      "conf.d/2": "RemoteForward 4 h:4\n",
    };
    const { lines } = await settings(files, "a");
    expect(lines.map(({ args, file, line }) => [args[0], file, line])).toEqual([
      ["2", "~/.ssh/conf.d/1", 1],
      ["4", "~/.ssh/conf.d/2", 1],
      ["1", "~/.ssh/config", 3],
    ]);
    expect((await settings(files, "b")).lines).toEqual([]);
  });

  test("a config that includes itself ends with an error", async () => {
    await expect(settings({ config: "Include config\n" }, "a")).rejects.toMatchObject({ code: "ssh-config" });
  });
});

test.each([
  ["RemoteForward 123:localhost:456", "Bad forwarding specification."],
  ["RemoteForward 70000 localhost:456", "Bad forwarding specification. (port 70000 is out of range: the highest is 65535)"],
  ["LocalForward 123:localhost:456", "Missing target argument."],
  ["RemoteForward", "no argument after keyword"],
  ['RemoteForward "1 h:1', "invalid quotes"],
  ["DynamicForward 1080 h:1", "extra arguments"],
])("%s is refused with its line", async (line, message) => {
  await expect(settings(`Host a\n${line}\n`, "a")).rejects.toMatchObject({
    code: "ssh-config",
    message: expect.stringContaining(message),
    place: { file: "~/.ssh/config", line: 2 },
  });
});

test("a config that is not there", async () => {
  await expect(settings({}, "a")).rejects.toMatchObject({ code: "ssh-config", message: expect.stringContaining("cannot read") });
});

test("as ssh's options they ask for the same, each with its place", async () => {
  const config =
    'Host a\n  RemoteForward "*:8080" "localhost:80" # web\n  IdentityFile x\n  ExitOnForwardFailure yes\n  DynamicForward=1080\n';
  const options = optionsForHost(await settings(config, "a"));
  expect(options).toEqual([
    { option: "remoteforward *:8080 localhost:80", place: { file: "~/.ssh/config", line: 2 }, forward: true },
    { option: "exitonforwardfailure yes", place: { file: "~/.ssh/config", line: 4 }, forward: false },
    { option: "dynamicforward 1080", place: { file: "~/.ssh/config", line: 5 }, forward: true },
  ]);
  const { forwards } = parseSshArguments("-N", undefined, { config: options.map(({ option }) => option) });
  expect(forwards.map(({ requested, exitOnForwardFailure }) => [requested, exitOnForwardFailure])).toEqual([
    ["*:8080", true],
    ["1080", true],
  ]);
});
