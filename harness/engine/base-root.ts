/**
 * A shell script that makes a Debian system out of packages; it runs in its own mount and PID namespaces. The files of the essential packages are
 * extracted first, because dpkg and the packages' scripts run in the system itself. dpkg then unpacks and configures all packages at once.
 */
import { fabricFiles } from "./fabric-files.ts";
import { quoted } from "./shell.ts";

export interface Parts {
  /** The folder of the packages. */
  packages: string;
  /** Files in it, including dependencies: the essential packages, those of the system, and those that only the fabric has. */
  essential: readonly string[];
  system: readonly string[];
  further: readonly string[];
  /** A folder of apt's lists, for the system. */
  lists: string;
  /** Lines of the system's sources.list(5) and apt.conf(5). */
  sources: readonly string[];
  options: readonly string[];
}

/**
 * What Debian's own `-slim` images leave out, so that both kinds of base are alike, and how they speed dpkg up: an interrupted build is thrown
 * away, so nothing has to be synced to disk.
 */
const EXCLUDED = ["doc", "info", "lintian/overrides", "locale", "man"].map((folder) => `/usr/share/${folder}/*`);
const INCLUDED = ["/usr/share/doc/*/copyright", "/usr/share/locale/locale.alias"];
const DPKG_OPTIONS = [
  "force-unsafe-io",
  ...EXCLUDED.map((path) => `path-exclude=${path}`),
  ...INCLUDED.map((path) => `path-include=${path}`),
];

/** The script makes the system in `folder`, then a tar archive of it, `archive`. */
export function rootScript(folder: string, archive: string, parts: Parts): string {
  const { packages, essential, system, further, lists } = parts;
  const fabric = further.length > 0 ? fabricFiles(packages, further) : { meanwhile: "", afterwards: "" };
  return String.raw`set -e
# Without the machine's environment: an unpacked tool's libraries are not the system's.
in_system() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true chroot "$@"; }
root=${quoted(`${folder}/root`)}
mkdir -p "$root/etc/dpkg/dpkg.cfg.d" "$root/etc/apt/apt.conf.d" "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates" "$root/dev" "$root/proc"
: > "$root/var/lib/dpkg/status"
${written("$root/etc/dpkg/dpkg.cfg.d/slim", DPKG_OPTIONS)}
${written("$root/etc/apt/sources.list", parts.sources)}
${written("$root/etc/apt/apt.conf.d/99forwardlab", parts.options)}
# Images have no host keys: openssh-server generates none if the files exist.
mkdir -p "$root/etc/ssh" && touch "$root/etc/ssh/ssh_host_rsa_key" "$root/etc/ssh/ssh_host_ecdsa_key" "$root/etc/ssh/ssh_host_ed25519_key"
mount -t tmpfs none "$root/dev"
for device in null zero full random urandom tty; do : > "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
ln -s /proc/self/fd "$root/dev/fd" && ln -s fd/0 "$root/dev/stdin" && ln -s fd/1 "$root/dev/stdout" && ln -s fd/2 "$root/dev/stderr"
mount -t proc proc "$root/proc"
cd ${quoted(packages)}
for deb in ${quoted(...essential)}; do
  dpkg-deb --fsys-tarfile "$deb" | tar --extract --directory "$root" --keep-directory-symlink ${quoted(...EXCLUDED.map((path) => `--exclude=.${path}`))}
done
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d" && chmod 755 "$root/usr/sbin/policy-rc.d"
mkdir "$root/run/packages" && mount --bind . "$root/run/packages"
${fabric.meanwhile}
in_system "$root" sh -c 'cd /run/packages && exec dpkg --install --force-depends "$@"' sh ${quoted(...system)}
umount "$root/run/packages"
rm -f "$root"/etc/ssh/ssh_host_* "$root/var/log/dpkg.log" "$root/var/log/alternatives.log" "$root/var/cache/ldconfig/aux-cache"
[ ! -e "$root/etc/machine-id" ] || : > "$root/etc/machine-id"
find "$root/run" "$root/tmp" -mindepth 1 -maxdepth 1 ! -name lock -exec rm -r {} +
mkdir -p "$root/var/lib/apt/lists" && cp ${quoted(lists)}/*Release* ${quoted(lists)}/*_Packages.gz "$root/var/lib/apt/lists/"
${fabric.afterwards}
umount --recursive "$root/dev" "$root/proc"
cd "$root"
rm -r ${quoted(packages)} & # the caller would do it, but only later
exec tar --create --file ${quoted(archive)} --sort=name --numeric-owner --xattrs --xattrs-include='*' --format=pax --pax-option=delete=atime,delete=ctime .`;
}

const written = (file: string, lines: readonly string[]) => `printf '%s\\n' ${quoted(...lines)} > "${file}"`;
