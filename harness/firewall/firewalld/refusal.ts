/** From what firewalld says about its settings to an error about the user's own file. */
import { type Place, UserError } from "../../core/errors.ts";
import { faultOf } from "../../core/fault.ts";
import { lacking } from "../lacking.ts";
import type { RefusedSettings } from "./compile.ts";

/** Where the distribution's packages put what the copy may lack. */
const stock: Readonly<Record<string, string>> = { INVALID_SERVICE: "services", INVALID_ICMPTYPE: "icmptypes", INVALID_HELPER: "helpers" };

export function refusal({ kind, message }: RefusedSettings["error"], place: Place): UserError {
  if (kind === "xml")
    return new UserError("firewall-firewalld", `${place.file} is not XML that firewalld can read`, {
      place,
      fault: faultOf("firewalld-no-xml", { file: place.file }),
      found: message,
      expected: "XML as `firewall-cmd --permanent` writes it",
      todo: "correct the file; as it is, firewalld starts with its stock settings, as if there were no file",
    });
  if (kind === "ipsets")
    return new UserError("firewall-load", `The ipsets do not load: ${message}`, {
      fault: faultOf("firewalld-unloadable", { said: message, kind: "ipsets" }),
      todo: "correct the file that `server.ipsets` names",
    });
  if (kind === "direct-chain")
    return new UserError("firewall-firewalld", `the passthrough's chain ${message} does not exist with FirewallBackend=nftables`, {
      fault: faultOf("firewalld-chain", { chain: message, instead: message.replace(/_direct$/, "") }),
      place,
      found: message,
      expected: `the built-in chain ${message.replace(/_direct$/, "")}: firewalld creates ${message} for FirewallBackend=iptables only`,
      todo: `write ${message.replace(/_direct$/, "")} in the passthrough, or set FirewallBackend=iptables; as it is, firewalld on the server starts with its stock settings`,
    });
  if (kind === "load") return unloadable(message, place);
  const [, code = "", plain = message] = /^([A-Z][A-Z_]+): (.*)$/s.exec(message) ?? [];
  const folder = stock[code];
  const name = /'([^']+)' not among existing/.exec(plain)?.[1];
  const packaged = folder === undefined || name === undefined ? {} : { from: `/usr/lib/firewalld/${folder}/${name}.xml`, to: `${folder}/` };
  return new UserError("firewall-firewalld", "firewalld rejects its settings", {
    fault: faultOf("firewalld-refuses", { said: plain, ...packaged }),
    place,
    found: plain,
    expected: "settings that `firewall-cmd --check-config` accepts",
    todo: packaged.from
      ? `if a package on the server installs it, copy ${packaged.from} from there into ${packaged.to} of the copy: the lab has only what Debian's firewalld package has`
      : "correct the setting; as it is, firewalld starts with its stock settings, as if there were no file",
  });
}

function unloadable(message: string, place: Place): UserError {
  const plain = message.replace(/^COMMAND_FAILED: /, "");
  const said = plain.replace(/^Direct: /, "").replace(/^'[^']*' failed: /, "");
  const [first = said] = said.split("\n");
  const needed = lacking(first.replace(/^ip6?tables-restore v[^:]*: */, ""), said);
  const log = plain;
  if (needed) {
    const fault = faultOf("firewall-needs", { said: first, lacks: needed.lacks, name: needed.name });
    return new UserError("firewall-needs", `The firewall does not load: ${needed.what}`, { fault, place, todo: needed.todo, log });
  }
  return new UserError("firewall-load", `The firewall does not load: ${first}`, {
    fault: faultOf("firewalld-unloadable", { said: first, kind: plain.startsWith("Direct: ") ? "direct" : "rules" }),
    place,
    todo: plain.startsWith("Direct: ")
      ? "correct direct.xml; firewalld on the server starts with its stock settings if these rules do not load"
      : "if firewalld on the server loads them, please report this with the folder",
    log,
  });
}
