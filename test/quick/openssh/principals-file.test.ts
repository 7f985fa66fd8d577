import { expect, test } from "vitest";
import { parsePrincipals } from "../../../harness/openssh/principals-file.ts";
import { warningText } from "../../../harness/report/warnings.ts";

test("a real file: names, options before them, comments, blanks", () => {
  const text = [
    "# who may deploy",
    "",
    "alice",
    'restrict,permitlisten="8080" deploy  # since May',
    '\tcommand="echo a b",from="10.0.0.0/8"\tops team',
    'permitopen="db:5432" \t bob\t ',
  ].join("\n");
  const { principals, notes } = parsePrincipals(text, "p");
  expect(notes).toEqual([]);
  expect(principals).toEqual([
    { line: 3, options: "", principal: "alice" },
    { line: 4, options: 'restrict,permitlisten="8080"', principal: "deploy" },
    { line: 5, options: 'command="echo a b",from="10.0.0.0/8"', principal: "team" },
    { line: 6, options: 'permitopen="db:5432"', principal: "bob" },
  ]);
});

test.each([
  ["alice", "line 1 already has the principal alice; sshd never reaches this line"],
  ["restrict alice", "line 1 already has the principal alice; sshd never reaches this line"],
  ["no-forwarding bob", "unknown key option no-forwarding; sshd ignores this line"],
  ['permitlisten="none" bob', 'bad key option permitlisten="none"; sshd ignores this line'],
  ['command="echo bob', "a quote is left open in the options; sshd ignores this line"],
  ['command="echo no"', "no name follows the options"],
  ["bob\r", "the name contains a carriage return; no certificate has such a principal"],
])("by this line nobody logs in: %j", (line, note) => {
  const { principals, notes } = parsePrincipals(`alice\n${line}\ncarol\n`, "p");
  expect({ principals, notes: notes.map((each) => warningText(each)) }).toEqual({
    principals: [
      { line: 1, options: "", principal: "alice" },
      { line: 3, options: "", principal: "carol" },
    ],
    notes: [`p:2: ${note}`],
  });
});
