/** The policy of a case, with its files. */
import { ipsets, networks } from "./networks.ts";
import { filesOf, type PlantedCase, type Reach, type Side } from "./planted-case.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJZ1LpNmKJqW0eRcSGmBSUG5Yl6MVRFbOx2hmm6nYxZ1 alice@home\n";

/** `inverted`: the right files, and a policy that asks for the opposite of all that is right. */
export function policyFiles(planted: PlantedCase, which: Side | "inverted"): Record<string, string> {
  const { network = "article", ssh = "-R :43234:localhost:3389", key: line, right } = planted;
  const given = filesOf(planted, which === "wrong" ? "wrong" : "right");
  const config = Object.keys(given).some((path) => path.startsWith("etc/ssh/")) ? "etc/ssh" : "sshd_config";
  const files: Record<string, string> = {
    ...(config === "sshd_config" ? { sshd_config: "GatewayPorts clientspecified\n" } : {}),
    "alice.keys": key,
    ...(network === "ipsets" ? { "ipsets.save": ipsets } : {}),
    ...given,
  };
  const base: { server?: object; network?: object } = networks[network];
  const dumps = ["rules.v4", "rules.v6"].filter((path) => path in files);
  const policy = {
    server: {
      sshd_config: config,
      ...("nftables.conf" in files ? { firewall: "nftables.conf" } : {}),
      ...(dumps.length > 0 ? { firewall: dumps } : {}),
      accounts: { alice: { authorized_keys: "alice.keys", groups: ["staff"] } },
      ...base.server,
    },
    ...(base.network ? { network: base.network } : {}),
    forwards: { rdp: { ssh, ...(line === undefined ? {} : { key: line }), ...expectations(right, which === "inverted") } },
  };
  return { ...files, "policy.yaml": JSON.stringify(policy, null, 2) };
}

function expectations(right: PlantedCase["right"], inverted: boolean): object {
  const refused = right === "refused";
  const reach = refused ? [] : right;
  if (!inverted) return { reachable_from: reach, ...(refused ? { refused_by_server: true } : {}) };
  // Whoever is not named must be reached: the most specific entry wins.
  return { reachable_from: [...reach.map(blocked), "anyone"] };
}

function blocked(reach: Reach): object {
  return { ...(typeof reach === "string" ? { vantage: reach } : reach), is: "blocked" };
}
