/** Keys of a forward that contradict each other, or that mean nothing for what it asks. */
import { enumerated } from "../core/enumerated.ts";
import { UserError } from "../core/errors.ts";
import { type Fault, faultOf } from "../core/fault.ts";
import { isSocks, listensOnServer, serverOf } from "../core/forward-outcome.ts";
import { didYouMean, suggestionText } from "../core/suggestion.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import { accountsOf, type Policy, type PolicyForward, reachEntries } from "./policy.ts";
import type { KeyPath, YamlSource } from "./yaml-source.ts";

type Details = { found?: string | undefined; expected: string; todo: string; fault: Fault };

function exclusive(name: string, keys: readonly string[], remove = keys): Fault {
  return faultOf("keys-exclude", { owner: `forwards.${name}`, keys, remove });
}

export function forwardFaults(policy: Policy, given: Readonly<Record<string, ForwardArguments>>, source: YamlSource): UserError[] {
  return Object.entries(policy.forwards).flatMap(([name, forward]) => {
    const path: KeyPath = ["forwards", name];
    const errors: UserError[] = [];
    const report = (keys: KeyPath, message: string, details: Details, onKey = false) =>
      errors.push(
        new UserError("policy-value", message, {
          place: onKey ? source.keyPlace([...path, ...keys]) : source.place([...path, ...keys]),
          ...details,
        }),
      );
    requestFaults(policy, name, forward, report);
    loginFaults(name, forward, report);
    keyFaults(name, forward, report);
    accountFaults(policy, name, forward, report);
    targetFaults(name, forward, given[name], report);
    silenceFaults(name, forward, given[name], report);
    return errors;
  });
}

type Report = (keys: KeyPath, message: string, details: Details, onKey?: boolean) => void;

function requestFaults(policy: Policy, name: string, forward: PolicyForward, report: Report): void {
  const given = (["ssh", "host", "unit"] as const).filter((key) => forward[key] !== undefined).map((key) => `\`${key}\``);
  const expected = "`ssh:` with ssh's arguments, `host:` with a host of home.ssh_config, or `unit:` with a systemd unit";
  if (given.length === 0)
    report(
      [],
      `forwards.${name} has no \`ssh\``,
      {
        found: "neither `ssh` nor `host` nor `unit`",
        expected,
        todo: "add one of them",
        fault: faultOf("forward-without-request", { forward: name }),
      },
      true,
    );
  else if (given.length > 1)
    report(
      [],
      `forwards.${name} has ${given.length === 2 ? "both " : ""}${enumerated(given)}`,
      {
        found: given.join(", "),
        expected,
        todo: "keep one of them",
        fault: exclusive(
          name,
          given.map((each) => each.replaceAll("`", "")),
        ),
      },
      true,
    );
  else if (forward.host !== undefined && policy.home?.ssh_config === undefined)
    report(["host"], `forwards.${name} uses a host of an ssh_config, but there is no home.ssh_config`, {
      found: forward.host,
      expected: "`home.ssh_config`",
      todo: "add `home: { ssh_config: ./ssh_config }`",
      fault: faultOf("host-without-config", { forward: name, host: forward.host }),
    });
}

function loginFaults(name: string, forward: PolicyForward, report: Report): void {
  if (forward.login === undefined) return;
  if (forward.refused_by_server === false)
    report(
      ["login"],
      `forwards.${name} cannot be granted if the login must be refused`,
      {
        found: "`refused_by_server: false`",
        expected: "only one of them",
        todo: "remove `refused_by_server`, or `login`",
        fault: exclusive(name, ["refused_by_server", "login"]),
      },
      true,
    );
  if (reachEntries(forward).length > 0)
    report(
      ["reachable_from"],
      `forwards.${name} cannot be probed: its login must be refused`,
      {
        found: "`login: refused` with `reachable_from`",
        expected: "only one of them",
        todo: "remove `reachable_from`, or `login`",
        fault: exclusive(name, ["reachable_from", "login"]),
      },
      true,
    );
}

function keyFaults(name: string, { key, certificate }: PolicyForward, report: Report): void {
  if (key === undefined || certificate === undefined) return;
  report(
    ["certificate"],
    `forwards.${name} has both \`key\` and \`certificate\``,
    {
      found: "both",
      expected: "only one of them",
      todo: "remove `key`: sshd itself chooses the line that lets a certificate in",
      fault: exclusive(name, ["key", "certificate"], ["key"]),
    },
    true,
  );
}

function accountFaults(policy: Policy, name: string, forward: PolicyForward, report: Report): void {
  const server = serverOf(forward);
  const accounts = [...new Set([...Object.keys(accountsOf(policy, forward.server)), "root", "nobody"])];
  for (const [index, { vantage, as }] of reachEntries(forward).entries()) {
    if (as === undefined) continue;
    const keys: KeyPath = ["reachable_from", index, "as"];
    if (vantage !== server)
      report(keys, `forwards.${name}: \`as\` works only for accounts of the server`, {
        found: `as: ${as} at ${vantage}`,
        expected: `\`as\` with \`vantage: ${server}\``,
        todo: "remove `as`",
        fault: faultOf("as-only-on-server", { forward: name, vantage: server }),
      });
    else if (!accounts.includes(as)) {
      const meant = didYouMean(as, accounts);
      report(keys, `unknown account \`${as}\``, {
        found: as,
        expected: accounts.join(", "),
        todo: suggestionText(meant) ?? `add it under ${server === "server" ? "" : "servers."}${server}.accounts`,
        fault: faultOf("policy-name-unknown", { kind: "account", name: as, known: accounts, meant }),
      });
    }
  }
}

function silenceFaults(name: string, forward: PolicyForward, given: ForwardArguments | undefined, report: Report): void {
  if (forward.gone_within === undefined) return;
  if (forward.login !== undefined || forward.refused_by_server)
    report(
      ["gone_within"],
      `forwards.${name} has both \`gone_within\` and a refusal`,
      {
        found: "both",
        expected: "only one of them",
        todo: "remove `gone_within`: a refused forward has no port to close",
        fault: exclusive(name, ["gone_within", forward.login === undefined ? "refused_by_server" : "login"], ["gone_within"]),
      },
      true,
    );
  else if (given && !listensOnServer(given.request.kind))
    report(
      ["gone_within"],
      `forwards.${name} has no listener on the server`,
      {
        found: forward.ssh,
        expected: "`gone_within` only for -R",
        todo: "remove it: a listener of -L or -D ends with ssh itself",
        fault: faultOf("listener-not-on-server", { forward: name }),
      },
      true,
    );
}

function targetFaults(name: string, forward: PolicyForward, given: ForwardArguments | undefined, report: Report): void {
  if (forward.targets === undefined || !given) return;
  if (!isSocks(given.request.kind))
    report(
      ["targets"],
      `forwards.${name} already has a fixed target`,
      {
        found: forward.ssh,
        expected: "`targets` only with SOCKS: -D, or -R without a target",
        todo: "remove `targets`",
        fault: faultOf("target-is-fixed", { forward: name }),
      },
      true,
    );
}
