/** Which host of the lab a forward's target names, as the host that dials it understands the name. Pure. */
import { isLoopback } from "../core/address.ts";
import { type LabSpec, lansOf } from "../core/lab-spec.ts";
import { withoutPrefix } from "../lab/wiring.ts";
import { dialledNumber } from "../openssh/model/resolve.ts";

/** Undefined when no host of the lab has that name or address. */
export function targetHost(spec: LabSpec, dialler: string, target: string): string | undefined {
  if (target in spec.hosts) return target;
  const address = dialledNumber(target);
  if (/^(localhost|ip6-localhost|)$/i.test(target) || isLoopback(address ?? "")) return dialler;
  const owners = Object.entries(spec.hosts).filter(([, host]) =>
    host.interfaces.some(({ addresses }) =>
      addresses.some((each) => address !== undefined && dialledNumber(withoutPrefix(each)) === address),
    ),
  );
  const own =
    owners.find(([name]) => name === dialler) ??
    owners.find(([name]) => lansOf(spec, name).some((lan) => lansOf(spec, dialler).includes(lan)));
  const [name] = own ?? owners[0] ?? [];
  return name ?? named(spec, target, dialler);
}

function named(spec: LabSpec, target: string, dialler: string): string | undefined {
  const address = spec.names?.[target]?.[0];
  return address === undefined ? undefined : targetHost(spec, dialler, address);
}

/** How many addresses a name has for the hosts of the lab, which know it from /etc/hosts. A number is one. */
export function addressCount(spec: LabSpec, target: string): number {
  const name = target.toLowerCase();
  if (name === "localhost" || name === "") return 2;
  const named = (names: Readonly<Record<string, string[]>>) =>
    Object.entries(names).find(([each]) => each.toLowerCase() === name)?.[1] ?? [];
  const own = Object.entries(spec.hosts).find(([each]) => each.toLowerCase() === name)?.[1].interfaces ?? [];
  const addresses = [...named(spec.names ?? {}), ...own.flatMap((wire) => wire.addresses.map(withoutPrefix))];
  return Math.max(1, new Set(addresses).size);
}
