/** By which setting or key option sshd permits a forward. */
import { expect, test } from "vitest";
import { type ForwardRequest, parseForwardSpec } from "../../../harness/openssh/forward-request.ts";
import { settingsFrom } from "../../../harness/openssh/forwarding-settings.ts";
import { grantingGate } from "../../../harness/openssh/gates.ts";

function granting(forward: string, values: Record<string, string> = {}, options = ""): string | undefined {
  const request = parseForwardSpec(forward[1] as "R" | "L" | "D", forward.slice(3)) as ForwardRequest;
  const gate = grantingGate({ request, settings: settingsFrom(values), key: { options } });
  return gate && `${gate.layer} ${gate.source?.keyword} ${gate.source?.value}`;
}

test.each<[string, Record<string, string>, string, string]>([
  ["-R :43234:localhost:3389", {}, "", "sshd-policy allowtcpforwarding yes"],
  ["-R :43234:localhost:3389", { allowtcpforwarding: "remote", permitopen: "none" }, "", "sshd-policy allowtcpforwarding remote"],
  ["-R :43234:localhost:3389", { permitlisten: "8080 43234" }, "", "sshd-policy permitlisten 8080 43234"],
  ["-R :43234:localhost:3389", { permitlisten: "43234" }, 'permitlisten="43234"', 'key-options permitlisten permitlisten="43234"'],
  ["-L 8080:db:5432", { permitlisten: "none", permitopen: "db:5432" }, "", "sshd-policy permitopen db:5432"],
  ["-L 8080:db:5432", {}, 'permitopen="db:*"', 'key-options permitopen permitopen="db:*"'],
  ["-D 1080", {}, "restrict,port-forwarding", "sshd-policy allowtcpforwarding yes"],
  ["-R /run/x.sock:localhost:80", { permitlisten: "none" }, "", "sshd-policy allowstreamlocalforwarding yes"],
])("%s with %o and the key's options %s", (forward, values, options, expected) => {
  expect(granting(forward, values, options)).toBe(expected);
});

test("the control: what one of them refuses, none permits", () => {
  expect(granting("-R :43234:localhost:3389", { allowtcpforwarding: "local", permitlisten: "43234" })).toBeUndefined();
  expect(granting("-R :43234:localhost:3389", {}, "restrict")).toBeUndefined();
  expect(granting("-L 8080:db:5432", { permitopen: "none" })).toBeUndefined();
});
