/** Scalars of the policy file, each with a check that says what is expected in its place. */
import { z } from "zod";
import {
  type Address,
  contains,
  type Interface,
  isLoopback,
  isMulticast,
  isUnicast,
  parseAddress,
  parseInterface,
  parseTarget,
  withoutPrefix,
} from "../core/address.ts";
import { parseRange } from "../core/address-range.ts";
import { parseDuration } from "../core/duration.ts";
import type { PolicyForm } from "../core/fault.ts";
import { anyLinkLocal, withoutZone } from "../core/link-local.ts";
import { dottedKey } from "../core/sysctl-key.ts";

const linkLocalNetwork = parseInterface("fe80::/10") as Interface;

/** What a text should be; what else to write, where it can be told. */
interface WrongText {
  expected: PolicyForm;
  /** To write in its place. */
  write?: string | undefined;
  /** Its prefix length is the usual one; the network's may be another. */
  guessed?: boolean;
}

/** A check that says what is wrong in the parts of an error message. */
function text(check: (value: string) => WrongText | undefined) {
  return z.string().superRefine((value, context) => {
    const wrong = check(value);
    if (wrong)
      context.addIssue({
        code: "custom",
        message: `not ${forms[wrong.expected]}`,
        params: { form: wrong.expected, write: wrong.write, guessed: wrong.guessed },
      });
  });
}

/** The forms in words. */
export const forms: Readonly<Record<PolicyForm, string>> = {
  "host-name": "a host name in lower case, e.g. office or db.internal",
  "address-with-prefix": "an address with its prefix length, e.g. 133.1.17.5/24 or 2001:db8:17::5/64",
  "unicast-address": "a unicast address that is not link-local",
  "bare-address": "an IPv4 or IPv6 address without prefix length, e.g. 192.0.2.66",
  "group-address": "a unicast or multicast address",
  "listener-address": "a unicast address that is not link-local, or `link-local`",
  "link-local": "an address that is not link-local (those of the lab's hosts differ), or `link-local` for all link-local ones",
  "address-range": "a prefix, an address or a range, e.g. 203.0.113.48/28, 2001:db8:50::/64 or 192.0.2.1-192.0.2.9",
  "ipv4-address": "an IPv4 address without prefix length, e.g. 203.0.113.50",
  date: "a date YYYY-MM-DD, e.g. 2027-03-31",
  duration: "a time as in sshd_config, e.g. 90s, 5m or 1h30m",
  port: "a port, 1-65535",
  target: "host:port, e.g. db.internal:5432 or [2001:db8::5]:5432",
  "service-place": "a port (1-65535), address:port or the path of a socket, e.g. 8080, 127.0.0.1:5432, [::1]:5432, /run/app.sock",
  "absolute-path": "an absolute path on the server, e.g. /opt/company/sshd",
  "cgroup-path": "the path of a control group, e.g. /system.slice/ssh.service",
  "home-path": "a path on home, absolute or below the user's home folder, e.g. /etc/default/tunnel or ~/.config/ssh",
  sysctl: "a network setting of the kernel, e.g. net.ipv6.conf.lo.disable_ipv6 or net/ipv6/conf/lo/disable_ipv6",
  keyword: "a keyword of sshd_config, e.g. UseBlacklist",
};

export const name = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/);
export const account = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/);
export const path = z.string().min(1);
export const port = z.int().min(1).max(65535);

/** A vantage point is a host, so its name may have dots: `db.internal`. */
export const hostName = text((value) =>
  value.length <= 63 && /^[a-z][a-z0-9-]*(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(value) ? undefined : { expected: "host-name" },
);

export const cidr = text((value) => {
  const parsed = parseInterface(value);
  if (!parsed) {
    const bare = parseAddress(value);
    return { expected: "address-with-prefix", write: bare ? `${value}/${bare.family === 4 ? 24 : 64}` : undefined, guessed: true };
  }
  return isUnicast(parsed) ? undefined : { expected: "unicast-address" };
});

function addressFault(value: string, isMeant: (address: Address) => boolean, expected: PolicyForm): WrongText | undefined {
  const parsed = parseAddress(value);
  if (!parsed) return { expected: "bare-address", write: parseInterface(value) ? withoutPrefix(value) : undefined };
  return isMeant(parsed) ? undefined : { expected };
}

function hostAddressFault(value: string): WrongText | undefined {
  return addressFault(value, isUnicast, "unicast-address");
}

export const hostAddress = text(hostAddressFault);

/** Firewalls name multicast groups, too: `base-address.mcast.net` is 224.0.0.0. */
export const namedAddress = text((value) => addressFault(value, (address) => isUnicast(address) || isMulticast(address), "group-address"));

/** One of the listening host's addresses, including loopback, or all its link-local ones. */
export const listenerAddress = text((value) => {
  if (value === anyLinkLocal) return undefined;
  const parsed = parseAddress(withoutZone(value));
  if (parsed && parsed.text === value && isLoopback(value)) return undefined;
  if (parsed && parsed.family === 6 && contains(linkLocalNetwork, parsed)) return { expected: "link-local", write: anyLinkLocal };
  const wrong = hostAddressFault(value);
  return wrong && { ...wrong, expected: "listener-address" };
});

export const addressRange = text((value) => (parseRange(value) ? undefined : { expected: "address-range" }));

export const publicAddress = text((value) => {
  const parsed = parseAddress(value);
  return parsed?.family === 4 && isUnicast(parsed) ? undefined : { expected: "ipv4-address" };
});

export const date = text((value) => {
  const parsed = new Date(`${value}T00:00:00Z`);
  const valid = /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(value);
  return valid ? undefined : { expected: "date" };
});

/** In sshd's form, as a number of seconds too. */
export const duration = z.union([z.int().min(1), text((value) => (parseDuration(value) ? undefined : { expected: "duration" }))]);

const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65535;

export const portKey = text((value) => (isPort(value) ? undefined : { expected: "port" }));

/** `host:port`, as PermitOpen has it: a name, an IPv4 address, or an IPv6 address in brackets. */
export const target = text((value) => {
  const parsed = parseTarget(value);
  return parsed && parsed.address !== "" && parsed.port >= 1 && parsed.port <= 65535 ? undefined : { expected: "target" };
});

export const servicePlace = text((value) => {
  if (value.startsWith("/")) return undefined;
  const place = isPort(value) ? { address: "127.0.0.1", port: Number(value) } : parseTarget(value);
  const valid = place && place.port >= 1 && place.port <= 65535 && parseAddress(place.address);
  return valid ? undefined : { expected: "service-place" };
});

export const absolutePath = text((value) =>
  value.startsWith("/") && !value.split("/").includes("..") ? undefined : { expected: "absolute-path" },
);

export const cgroupPath = text((value) => (/^(\/(?!\.\.?(\/|$))[^/\s"']+)+$/.test(value) ? undefined : { expected: "cgroup-path" }));

export const homePath = text((value) => (/^~?\//.test(value) && !value.split("/").includes("..") ? undefined : { expected: "home-path" }));

export const sysctlKey = text((value) =>
  /^net\.[A-Za-z0-9_]+(\.[A-Za-z0-9_/:@-]+)+$/.test(dottedKey(value)) && !value.split(/[./]/).includes("")
    ? undefined
    : { expected: "sysctl" },
);

/** A keyword of sshd_config. */
export const keyword = text((value) => (/^[A-Za-z][A-Za-z0-9]*$/.test(value) ? undefined : { expected: "keyword" }));

export const family = z.union([z.literal(4), z.literal(6)]).describe("4 or 6: only this address family. Default: both.");
