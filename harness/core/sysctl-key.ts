/**
 * Names of kernel settings. Words are separated by dots or by slashes, whichever comes first in the name: for an interface with a dot in its name,
 * `net/ipv4/conf/eth0.100/rp_filter` or `net.ipv4.conf.eth0/100.rp_filter`. Source: sysctl(8), sysctl.d(5).
 */

/** The dotted form, in which names are compared. */
export function dottedKey(written: string): string {
  return /[./]/.exec(written)?.[0] === "/" ? swapped(written) : written;
}

/** The key of an interface's setting: `net.ipv4.conf.eth0.rp_filter`. */
export function interfaceKey(family: "ipv4" | "ipv6", interfaceName: string, setting: string): string {
  return `net.${family}.conf.${swapped(interfaceName)}.${setting}`;
}

/** The name of the interface that such a key is about; undefined: it is another setting. */
export function interfaceOfKey(written: string, family: "ipv4" | "ipv6", setting: string): string | undefined {
  const key = dottedKey(written);
  const [before, after] = [`net.${family}.conf.`, `.${setting}`];
  if (!key.startsWith(before) || !key.endsWith(after) || key.length <= before.length + after.length) return undefined;
  return swapped(key.slice(before.length, -after.length));
}

function swapped(text: string): string {
  return text.replace(/[./]/g, (separator) => (separator === "/" ? "." : "/"));
}
