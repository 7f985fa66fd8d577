import { describe, expect, test } from "vitest";
import type { Edit, RemedyInputs } from "../../../../harness/judgement/remedies/candidate.ts";
import { afterUserRules, withIpv6, withTuples } from "../../../../harness/judgement/remedies/ufw-edits.ts";

const file = "etc/ufw/user.rules";
const userRules = `*filter
:ufw-user-input - [0:0]
### RULES ###

### tuple ### allow tcp 43234 0.0.0.0/0 any 0.0.0.0/0 in
-A ufw-user-input -p tcp --dport 43234 -j ACCEPT

### tuple ### allow any 53 0.0.0.0/0 any 0.0.0.0/0 in
-A ufw-user-input -p tcp --dport 53 -j ACCEPT
-A ufw-user-input -p udp --dport 53 -j ACCEPT

### END RULES ###
COMMIT
`;
const inputs = { files: { [file]: userRules, "etc/default/ufw": 'DEFAULT_INPUT_POLICY="DROP"\n' } } as unknown as RemedyInputs;
const accept = "-A ufw-user-input -s 192.0.2.7/32 -p tcp -m tcp --dport 43234 -j ACCEPT";
const told = ["### tuple ### allow tcp 43234 0.0.0.0/0 any 192.0.2.7 in", "-A ufw-user-input -p tcp --dport 43234 -s 192.0.2.7 -j ACCEPT"];

describe("a rule changes with its tuple", () => {
  test.each<[string, Edit, Edit[]]>([
    [
      "replaced",
      { file, line: 6, action: "replace", lines: [accept] },
      [
        { file, line: 6, action: "replace", lines: told },
        { file, line: 5, action: "replace", lines: [] },
      ],
    ],
    [
      "removed",
      { file, line: 6, action: "replace", lines: [] },
      [
        { file, line: 6, action: "replace", lines: [] },
        { file, line: 5, action: "replace", lines: [] },
      ],
    ],
    ["preceded", { file, line: 6, action: "before", lines: [accept] }, [{ file, line: 5, action: "before", lines: [...told, ""] }]],
    ["that stands over two rules: not at all", { file, line: 9, action: "replace", lines: [] }, []],
    ["in words that have no tuple: not at all", { file, line: 6, action: "before", lines: ["-A ufw-user-limit -j ACCEPT"] }, []],
  ])("%s", (_, edit, expected) => expect(withTuples(inputs, [edit])).toEqual(expected));

  test("other files change as they did", () => {
    const edit: Edit = { file: "etc/default/ufw", line: 1, action: "replace", lines: [] };
    expect(withTuples(inputs, [edit])).toEqual([edit]);
  });
});

test("where the default policy decides, the rule comes after the user's last one", () => {
  const deciding = { rule: "ip filter INPUT policy drop", file: "etc/default/ufw", line: 1 };
  expect(afterUserRules(inputs, deciding)).toEqual({ at: { ...deciding, file, line: 12 }, chain: "ufw-user-input" });
  expect(afterUserRules(inputs, { ...deciding, rule: "ip6 filter INPUT policy drop" })).toBeUndefined();
});

test("where nothing was allowed yet, the rule comes at the end of the file that the package installed", () => {
  const installed = "*filter\n:ufw6-user-input - [0:0]\n### RULES ###\nCOMMIT\n";
  const files = { "etc/ufw/user6.rules": installed, "etc/default/ufw": 'IPV6=no\nDEFAULT_INPUT_POLICY="DROP"\n' };
  const fresh = { files } as unknown as RemedyInputs;
  const deciding = { rule: "ip6 filter INPUT policy drop", file: "etc/default/ufw", line: 2 };
  const at = { ...deciding, file: "etc/ufw/user6.rules", line: 4 };
  expect(afterUserRules(fresh, deciding)).toEqual({ at, chain: "ufw6-user-input" });
  const edit = { file: at.file, line: 4, action: "before" as const, lines: ["-A ufw6-user-input -p tcp -m tcp --dport 43234 -j ACCEPT"] };
  expect(withTuples(fresh, [edit])).toEqual([
    {
      ...edit,
      lines: ["### tuple ### allow tcp 43234 ::/0 any ::/0 in", "-A ufw6-user-input -p tcp --dport 43234 -j ACCEPT", ""],
    },
  ]);
  // IPV6=no decides before any of them.
  expect(withIpv6(fresh, { ...deciding, line: 1 })).toEqual([{ file: deciding.file, line: 1, action: "replace", lines: ["IPV6=yes"] }]);
  expect(withIpv6(fresh, deciding)).toEqual([]);
  expect(afterUserRules(fresh, { ...deciding, line: 1 })).toEqual({ at: { ...at, line: 4 }, chain: "ufw6-user-input" });
});
