import fc from "fast-check";
import { expect, test } from "vitest";
import {
  keyAllowsForwarding,
  keyOptionValues,
  labKeyLine,
  parseAuthorizedKeys,
  splitKeyOptions,
} from "../../../harness/openssh/authorized-keys.ts";
import { warningText } from "../../../harness/report/warnings.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFPhFckWagB0Amn7A0xkwDFhBKHQwYn7EpIcS2CAdxTt";

test("a real file: comments, options with quotes and escapes, key types", () => {
  const text = [
    "# managed by ansible",
    "",
    `${key} alice@laptop with blanks`,
    `restrict,port-forwarding,permitlisten="localhost:8080" ${key} ci`,
    `\tcommand="echo \\"a, b\\" # no comment",from="10.0.0.0/8,!10.1.1.1",no-pty ${key}`,
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ== old",
    "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t yubi",
    `environment="A=b c" ${key}\r`,
  ].join("\n");
  const { keys, notes } = parseAuthorizedKeys(text, "alice.keys");
  expect(notes).toEqual([]);
  expect(keys.map(({ line, options, comment }) => ({ line, options, comment }))).toEqual([
    { line: 3, options: "", comment: "alice@laptop with blanks" },
    { line: 4, options: 'restrict,port-forwarding,permitlisten="localhost:8080"', comment: "ci" },
    { line: 5, options: 'command="echo \\"a, b\\" # no comment",from="10.0.0.0/8,!10.1.1.1",no-pty', comment: "" },
    { line: 6, options: "", comment: "old" },
    { line: 7, options: "", comment: "yubi" },
    { line: 8, options: 'environment="A=b c"', comment: "" },
  ]);
});

test.each([
  [`permitlisten="none" ${key}`, 'bad key option permitlisten="none"; sshd ignores this line'],
  [`permitlisten="1 2" ${key}`, 'bad key option permitlisten="1 2"; sshd ignores this line'],
  [`permitopen="host" ${key}`, 'bad key option permitopen="host"; sshd ignores this line'],
  [`no-forwarding ${key}`, "unknown key option no-forwarding; sshd ignores this line"],
  [`restrict, pty ${key}`, "there is no key on this line; sshd ignores it"],
  [`command="x ${key}`, "a quote is left open in the options; sshd ignores this line"],
  ["ssh-ed25519", "there is no key on this line; sshd ignores it"],
  ["AAAAC3NzaC1lZDI1NTE5", "there is no key on this line; sshd ignores it"],
  ["ssh-ed25519-cert-v01@openssh.com AAAA", "sshd does not accept a certificate as a key here; it ignores this line"],
])("left out with file and line: %s", (line, note) => {
  const { keys, notes } = parseAuthorizedKeys(`\n${line}\n${key}\n`, "keys");
  expect(keys).toMatchObject([{ line: 3 }]);
  expect(notes.map((each) => warningText(each))).toEqual([`keys:2: ${note}`]);
});

test("a CA's line is a login as others are", () => {
  const { keys, notes } = parseAuthorizedKeys(`${key} me\nrestrict,Cert-Authority,principals="a,b" ${key} the CA\n`, "keys");
  expect(notes).toEqual([]);
  expect(keys.map(({ line, authority, comment }) => ({ line, authority, comment }))).toEqual([
    { line: 1, authority: false, comment: "me" },
    { line: 2, authority: true, comment: "the CA" },
  ]);
});

test.each([
  ["", true],
  ["restrict", false],
  ["no-port-forwarding", false],
  ["restrict,port-forwarding", true],
  ["port-forwarding,restrict", false],
  ['restrict,permitlisten="8080"', false],
  ['command="restrict"', true],
  ["Restrict,Port-Forwarding", true],
])("options in order decide about forwarding: %j", (options, allowed) => {
  expect(keyAllowsForwarding(options).allowed).toBe(allowed);
});

test("values of repeated options", () => {
  expect(keyOptionValues('permitlisten="1",permitopen="h:2",PermitListen="[::1]:*"', "permitlisten")).toEqual(["1", "[::1]:*"]);
});

const option = fc.oneof(
  fc.constantFrom("restrict", "port-forwarding", "no-pty"),
  fc
    .tuple(fc.constantFrom("command", "environment", "from"), fc.string({ unit: fc.constantFrom(..."ab ,#'=*".split("")) }))
    .map(([name, value]) => `${name}="${value}"`),
  fc.constant('command="say \\"hi, there\\""'),
);

test("options survive byte for byte, whatever stands in their quotes", () => {
  fc.assert(
    fc.property(fc.array(option, { maxLength: 5 }), (options) => {
      const joined = options.join(",");
      expect(splitKeyOptions(joined)).toEqual(options);
      const line = labKeyLine(joined, key, "alice-0");
      expect(parseAuthorizedKeys(line, "x").keys).toMatchObject([{ options: joined, comment: "alice-0" }]);
      expect(line).toBe(`${joined === "" ? "" : `${joined} `}${key} alice-0`);
    }),
  );
});

// sshd of OpenSSH 9.2, 10.0: a login with such a key is refused.
test("a byte order mark spoils the first line alone, and a comment there does no harm", () => {
  const parsed = (text: string) => {
    const { keys, notes } = parseAuthorizedKeys(text, "ak");
    return { lines: keys.map(({ line }) => line), notes: notes.map((note) => warningText(note)) };
  };
  const note = "ak:1: the file begins with a byte order mark, so sshd ignores this line; save it as UTF-8 without one";
  expect(parsed(`\uFEFF${key} a\n${key} b\n`)).toEqual({ lines: [2], notes: [note] });
  expect(parsed(`\uFEFFrestrict ${key} a\n`)).toEqual({ lines: [], notes: [note] });
  expect(parsed(`\uFEFF# mine\n${key} b\n`)).toEqual({ lines: [2], notes: [] });
  expect(parsed(`${key} a\r\n`)).toEqual({ lines: [1], notes: [] });
});
