/**
 * What the fabric has besides a host, as one archive within the base: so its image is made without apt and dpkg, which wait for the disk.
 * The Dockerfile does the same where a base has no such archive.
 */

/** Of a root: where the archive is. */
const ARCHIVE = "var/cache/fabric.tar";

/** A part of the script that makes a root, `$root`; `further` are files in `packages`. It leaves the root as it is but for the archive. */
export function fabricFiles(packages: string, further: readonly string[]): string {
  const [unpacked, installed] = [(file: string) => /^(lib)?python3/.test(file), (file: string) => !/^(lib)?python3/.test(file)];
  return String.raw`layer=$root.fabric
mkdir "$layer" "$layer/upper" "$layer/work" "$layer/merged"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$layer/upper,workdir=$layer/work" "$layer/merged"
for place in dev proc; do mount --rbind "$root/$place" "$layer/merged/$place"; done
mkdir "$layer/merged/run/packages"
mount --bind '${packages}' "$layer/merged/run/packages"
cd '${packages}'
for deb in ${further.filter(unpacked).join(" ")}; do dpkg-deb --extract "$deb" "$layer/merged"; done
DEBIAN_FRONTEND=noninteractive chroot "$layer/merged" sh -c 'cd /run/packages && exec dpkg --install "$@"' sh ${further.filter(installed).join(" ")}
umount --recursive "$layer/merged"
cd "$layer/upper"
rm -rf dev proc run/packages
find . -type c -delete
tar --create --file "$root/${ARCHIVE}" ./*
cd / && rm -r "$layer"`;
}
