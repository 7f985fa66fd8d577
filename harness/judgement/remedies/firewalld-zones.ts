/** Which zone in a copy of /etc/firewalld handles a visitor's packets: that of its address, else that of the interface, else the default zone. Pure. */
import { contains, parseAddress, parseInterface } from "../../core/address.ts";
import type { RemedyInputs } from "./candidate.ts";
import { xmlAttribute } from "./xml-elements.ts";

/** A visitor, as the server sees it. */
export interface Arrival {
  address: string;
  /** The server's interface on which its packets arrive; left out: not known. */
  by?: string | undefined;
}

interface Zone {
  name: string;
  addresses: string[];
  /** Sources whose addresses the file does not show: sets, MAC addresses. */
  hasOtherSources: boolean;
  interfaces: string[];
}

/** False if this zone's rules never see the visitor's packets; true if they may. */
export function mayLandIn({ files }: Pick<RemedyInputs, "files">, zoneFile: string, { address, by }: Arrival): boolean {
  const folder = zoneFolder(zoneFile);
  const zones = folder === undefined ? [] : zonesIn(files, folder);
  const own = zones.find(({ name }) => name === zoneName(zoneFile, folder ?? ""));
  const from = parseAddress(address);
  if (!own || !from) return true;
  const holds = ({ addresses }: Zone) => addresses.some((source) => holdsAddress(source, address));
  if (holds(own) || own.hasOtherSources) return true;
  if (zones.some(holds)) return false;
  const isDefault = own.name === defaultZone(files, folder ?? "");
  if (by === undefined) return isDefault || own.interfaces.length > 0;
  const bound = zones.filter(({ interfaces }) => interfaces.some((pattern) => names(pattern, by)));
  return bound.length > 0 ? bound.includes(own) : isDefault;
}

function holdsAddress(source: string, address: string): boolean {
  const network = parseInterface(source);
  const one = parseAddress(address);
  if (!one) return false;
  if (network) return network.family === one.family && contains(network, one);
  return parseAddress(source)?.text === one.text;
}

/** `veth+` and `veth*` match every interface whose name begins with `veth`. */
function names(pattern: string, name: string): boolean {
  return /[+*]$/.test(pattern) ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

/** `etc/firewalld/` for `etc/firewalld/zones/public.xml` and `etc/firewalld/zones/public/part.xml`. Undefined: not a zone's file. */
function zoneFolder(file: string): string | undefined {
  return /^(.*?)zones\/(?:[^/]+\/)?[^/]+\.xml$/.exec(file)?.[1];
}

/** Files in a folder below zones/ form one zone, named after the folder. */
function zoneName(file: string, folder: string): string {
  return file.slice(`${folder}zones/`.length).replace(/(?:\/.*|\.xml)$/, "");
}

function zonesIn(files: RemedyInputs["files"], folder: string): Zone[] {
  const zones = new Map<string, Zone>();
  for (const [file, text] of Object.entries(files)) {
    if (zoneFolder(file) !== folder) continue;
    const name = zoneName(file, folder);
    const zone = zones.get(name) ?? { name, addresses: [], hasOtherSources: false, interfaces: [] };
    zones.set(name, zone);
    // Sources inside a rule belong to the rule, not to the zone.
    const own = text.replace(/<!--[\s\S]*?-->/g, "").replace(/<rule\b[^>]*?(?:\/>|>[\s\S]*?<\/rule>)/g, "");
    for (const [tag, element] of own.matchAll(/<(source|interface)\b[^>]*>/g)) {
      const value = xmlAttribute(tag, element === "source" ? "address" : "name");
      if (value === undefined) zone.hasOtherSources = true;
      else (element === "source" ? zone.addresses : zone.interfaces).push(value);
    }
  }
  return [...zones.values()];
}

function defaultZone(files: RemedyInputs["files"], folder: string): string {
  return /^\s*DefaultZone\s*=\s*(\S+)/m.exec(files[`${folder}firewalld.conf`] ?? "")?.[1] ?? "public";
}
