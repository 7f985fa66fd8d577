/** One server of a policy as if it were the only one: what reviews it knows a single `server`. Pure. */
import { withoutPrefix } from "../../core/address.ts";
import { serverOf } from "../../core/forward-outcome.ts";
import { type HostSpec, type LabSpec, mainServer } from "../../core/lab-spec.ts";
import type { LoadedPolicy } from "../load-policy.ts";
import { labSpecOf } from "../network.ts";
import { policyFor } from "../servers.ts";

export interface ReviewedServer {
  /** With this server's files as those of `server`. */
  loaded: LoadedPolicy;
  /** Its lab: this server is the host `server`, every other one is a plain host. */
  spec: LabSpec;
}

export function reviewedServer(whole: LoadedPolicy, name: string): ReviewedServer {
  const plain = withPlainServers(labSpecOf(whole.policy, { place: (keys) => whole.place(keys) }), name);
  const spec = name === mainServer ? plain : asMain(plain, name);
  return { loaded: whole.policy.servers === undefined ? whole : ownView(whole, name), spec };
}

/** Without the other servers' sshd, which could take the ports a review dials, and without their firewalls. */
function withPlainServers(spec: LabSpec, reviewed: string): LabSpec {
  const hosts = Object.entries(spec.hosts).map(([name, host]): [string, HostSpec] => {
    const { sshd, image: _, ...plain } = host;
    if (name === reviewed) return [name, host];
    return [name, sshd || name === mainServer ? { ...plain, kind: "namespace" } : host];
  });
  return { ...spec, hosts: Object.fromEntries(hosts) };
}

/** The host is called `server`; the one that was, `main-server`. Its own name still leads to it. */
function asMain(spec: LabSpec, name: string): LabSpec {
  const { [mainServer]: first, [name]: reviewed, ...others } = spec.hosts;
  if (!first || !reviewed) return spec;
  const { sshd: _, ...own } = reviewed;
  const addresses = own.interfaces.flatMap((wire) => wire.addresses.map(withoutPrefix));
  return {
    ...spec,
    hosts: { [mainServer]: { ...own, kind: "container" }, [freeName(spec.hosts)]: first, ...others },
    names: { [name]: addresses, ...spec.names },
  };
}

function freeName(hosts: LabSpec["hosts"]): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? "main-server" : `main-server-${number}`;
    if (!(name in hosts)) return name;
  }
}

function ownView(whole: LoadedPolicy, name: string): LoadedPolicy {
  const { policy, inputs, servers, through } = whole;
  const { names } = policy.server;
  const own = policyFor(policy, name);
  const forwards = Object.entries(policy.forwards).filter(([each, forward]) => serverOf(forward) === name && !through[each]);
  const isOwn = ({ server }: { server?: string }) => (server ?? mainServer) === name;
  const read = servers[name] ?? inputs;
  const config = read.sshdConfig.displayOf["/etc/ssh/sshd_config"] ?? read.sshdConfig.display;
  const [first, ...files] = inputs.files;
  return {
    ...whole,
    policy: {
      ...own,
      // They concern the whole lab.
      server: { ...own.server, ...(names ? { names } : {}) },
      ...(policy.home ? { home: policy.home } : {}),
      forwards: Object.fromEntries(forwards),
    },
    servers: {},
    inputs: {
      ...read,
      homeFirewall: inputs.homeFirewall,
      files: [
        ...(first ? [first] : []),
        ...files.toSorted((one, other) => Number(other.display === config) - Number(one.display === config)),
      ],
      warnings: inputs.warnings.filter(isOwn).map(({ server: _, ...each }) => each),
    },
    place: (path) => whole.place(name !== mainServer && path[0] === "server" ? ["servers", name, ...path.slice(1)] : path),
  };
}
