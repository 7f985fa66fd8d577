// biome-ignore-all lint/suspicious/noTemplateCurlyInString: systemd writes its variables like this.
/** What systemd makes of a unit's text. The expected words are those of systemd's own manual pages, where they have an example. */
import { describe, expect, test } from "vitest";
import type { UserError } from "../../../harness/core/errors.ts";
import { readEnvironmentFile } from "../../../harness/systemd/environment.ts";
import { splitQuoted } from "../../../harness/systemd/quoted-words.ts";
import { startCommands, variablesOf } from "../../../harness/systemd/service-commands.ts";
import { expandSpecifiers, readUnitName } from "../../../harness/systemd/specifiers.ts";
import { readTimeSpan } from "../../../harness/systemd/time-span.ts";
import { readUnitFile } from "../../../harness/systemd/unit-file.ts";
import { Unknowns } from "../../../harness/systemd/unknowns.ts";

/** Words of each command, the program first; unknown ones as written. */
function commands(text: string, name = "x.service", files: [string, string][] = []) {
  const unknowns = new Unknowns();
  const unit = {
    name: readUnitName(name) ?? { full: name, prefix: name, instance: undefined },
    ofUser: false,
    settings: readUnitFile(text, name),
  };
  const started = startCommands(unit, variablesOf(unit, files, unknowns), unknowns);
  return {
    ...started,
    words: started.commands.map((each) => [each.program, ...each.words].map((word) => unknowns.written(word))),
    unknowns,
  };
}
const words = (text: string, name?: string, files?: [string, string][]) => commands(text, name, files).words;

function fault(text: string): string {
  try {
    commands(text);
  } catch (error) {
    const { place, message } = error as UserError;
    return `${place?.line} ${message}`;
  }
  return "";
}

describe("lines", () => {
  test("a backslash joins lines, comments between them are left out, an escaped one joins nothing", () => {
    const unit = "[Service]\nExecStart=/usr/bin/ssh \\\n  # why\n  -N \\\n\n; no\nA=b\\\\\nB=c\n";
    expect(readUnitFile(unit, "u").map(({ key, value, line }) => [key, value, line])).toEqual(
      [
        ["ExecStart", "/usr/bin/ssh -N", 2],
        ["A", "b\\\\", 7],
        ["B", "c", 8],
      ].map(([key, value, line]) => [key, value === "/usr/bin/ssh -N" ? expect.stringMatching(/^\/usr\/bin\/ssh\s+-N$/) : value, line]),
    );
  });

  test("what is no unit is told with its line", () => {
    expect(fault("ssh -N\n")).toBe("1 x.service is not a systemd unit");
    expect(fault("[Service]\nExecStart /usr/bin/ssh\n")).toBe("2 x.service is not a systemd unit");
  });

  test("an empty assignment forgets those before it", () => {
    expect(words("[Service]\nExecStart=/bin/a\nExecStart=\nExecStart=/bin/b c\n")).toEqual([["/bin/b", "c"]]);
  });
});

describe("a comment at the end of a line", () => {
  const unit = (user: string) => `[Service]\nUser=${user}\nExecStart=ssh -N\n`;

  test.each(["alice # the tunnel's", "alice ; why", "alice smith", "a:b"])("User=%s: no account is called that", (user) => {
    expect(fault(unit(user))).toBe("2 systemd cannot start the unit: User= is not the name of an account");
  });

  test.each(["alice", "alice#1", "_tunnel-1", "1000"])("User=%s is one", (user) => {
    expect(fault(unit(user))).toBe("");
  });

  test("is part of a command's words", () => {
    expect(words("[Service]\nExecStart=ssh -N host # why\n")).toEqual([["ssh", "-N", "host", "#", "why"]]);
  });
});

describe("words", () => {
  test.each([
    ['a "b c" \'d "e\' f\\x20g', ["a", "b c", 'd "e', "f g"]],
    ["\\; \\s \\\\ \\t \\101 \\u00e9", [";", " ", "\\", "\t", "A", "é"]],
    ['"" x', ["", "x"]],
  ])("%s", (text, expected) => {
    expect(splitQuoted(text)?.map((word) => word.text)).toEqual(expected);
  });

  test.each(['a "b', "a \\q", "a \\", "a\\;b"])("%s is ignored by systemd", (text) => {
    expect(splitQuoted(text)).toBeUndefined();
  });

  test("a bare semicolon separates commands, which only Type=oneshot may have", () => {
    expect(words('[Service]\nType=oneshot\nExecStart=echo one ; echo "two two"\n')).toEqual([
      ["echo", "one"],
      ["echo", "two two"],
    ]);
    expect(words("[Service]\nExecStart=echo / >/dev/null & \\; \\\nls\n")).toEqual([["echo", "/", ">/dev/null", "&", ";", "ls"]]);
    expect(fault("[Service]\nExecStart=a\nExecStart=b\n")).toBe("3 systemd refuses x.service: it has 2 commands");
  });

  test("prefixes are no part of the program; with @ the next word is its name, with : nothing is put in", () => {
    expect(words("[Service]\nExecStart=-@/bin/ssh ssh -N\n")).toEqual([["/bin/ssh", "-N"]]);
    expect(words("[Service]\nEnvironment=A=1\nExecStart=:+/bin/ssh $A\n")).toEqual([["/bin/ssh", "$A"]]);
    expect(fault("[Service]\nExecStart=$A\n")).toBe("2 ExecStart= names no program");
  });
});

describe("variables", () => {
  test("as systemd.service(5) shows them", () => {
    expect(words("[Service]\nEnvironment=\"ONE=one\" 'TWO=two two'\nExecStart=echo $ONE $TWO ${TWO}\n")).toEqual([
      ["echo", "one", "two", "two", "two two"],
    ]);
    const unit = (line: string) => `[Service]\nEnvironment=ONE='one' "TWO='two two' too" THREE=\nExecStart=/bin/echo ${line}\n`;
    expect(words(unit("$ONE $TWO $THREE"))).toEqual([["/bin/echo", "one", "two two", "too"]]);
    // The page has `'one'`, but systemd takes quotes inside a word off, too.
    expect(words(unit("${ONE} ${TWO} ${THREE}"))).toEqual([["/bin/echo", "one", "'two two' too", ""]]);
  });

  test("a part of a word needs braces; a dollar is written twice", () => {
    expect(words("[Service]\nEnvironment=P=80\nExecStart=ssh -R${P}:a:1 -R$P:a:1 $$P\n")).toEqual([["ssh", "-R80:a:1", "-R$P:a:1", "$P"]]);
  });

  test("files outrank Environment=, and what nothing sets is empty", () => {
    const unit = "[Service]\nEnvironment=P=80\nExecStart=ssh ${P} ${Q}x $R\n";
    expect(commands(unit, "x.service", [["P", "81"]])).toMatchObject({ words: [["ssh", "81", "x"]], unset: ["Q", "R"] });
  });

  test("what the manager sets is unknown, and only as a word of its own a fault", () => {
    const {
      words: found,
      unknowns,
      commands: [command],
    } = commands("[Service]\nExecStart=ssh -i ${HOME}/k -N\n");
    expect(found).toEqual([["ssh", "-i", "${HOME}/k", "-N"]]);
    expect(unknowns.in(command?.words[1] ?? "")?.written).toBe("${HOME}");
    expect(fault("[Service]\nExecStart=ssh $HOME\n")).toMatch(/^2 \$HOME cannot be known/);
  });

  test("a file has a shell's quotes and no shell", () => {
    const text = '# c\nA=one two  \nB="x \\"y\\" \\n" \nC=\'$A\' \nexport D=1\n  E = e\\\n f\nF="1\n2"\n';
    expect(readEnvironmentFile(text).map(({ name, value, line }) => [name, value, line])).toEqual([
      ["A", "one two", 2],
      ["B", 'x "y" \\n', 3],
      ["C", "$A", 4],
      ["E", "e f", 6],
      ["F", "1\n2", 8],
    ]);
  });
});

describe("specifiers", () => {
  const expand = (text: string, name: string, ofUser = false) => {
    const unknowns = new Unknowns();
    const expanded = expandSpecifiers(text, readUnitName(name) as NonNullable<ReturnType<typeof readUnitName>>, ofUser, unknowns);
    return unknowns.in(expanded) ? `unknown ${unknowns.in(expanded)?.written}` : expanded;
  };

  test.each([
    ["%p %i %n %N %%", "tunnel@office.service", "tunnel office tunnel@office.service tunnel@office %"],
    ["%I %j", "my-tunnel@a-b\\x2dc.service", "a/b-c tunnel"],
    ["%h %u", "x.service", "/root root"],
    ["%X", "x.service", "%X"],
    ["%H", "x.service", "unknown %H"],
  ])("%s of %s", (text, name, expected) => {
    expect(expand(text, name)).toBe(expected);
  });

  test("a user's manager is somebody's", () => {
    expect(expand("%h", "x.service", true)).toBe("unknown %h");
  });
});

test("time spans are those of systemd.time(7)", () => {
  expect(["2", "100ms", "5min 20s", "infinity", "1h30", "x", ""].map(readTimeSpan)).toEqual([
    2,
    0.1,
    320,
    Number.POSITIVE_INFINITY,
    3630,
    undefined,
    undefined,
  ]);
});
