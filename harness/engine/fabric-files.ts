/**
 * The files that the fabric has in addition to a host's, as one archive in the base, so that its image is built without apt and dpkg, which wait for
 * the disk.
 * The Dockerfile does the same where a base has no such archive.
 */

import { quoted } from "./shell.ts";

/** Where the archive is in the root. */
const ARCHIVE = "var/cache/fabric.tar";

/**
 * Parts of the script that makes a root, `$root`; `further` are files in `packages`. The first part runs while the root is being made; the second adds
 * the archive and changes nothing else in the root.
 */
export function fabricFiles(packages: string, further: readonly string[]): { meanwhile: string; afterwards: string } {
  const python = further.filter((file) => /^(lib)?python3/.test(file));
  const others = further.filter((file) => !python.includes(file));
  const meanwhile = String.raw`layer=$root.fabric
mkdir "$layer" "$layer/python" "$layer/upper" "$layer/work" "$layer/merged"
for deb in ${quoted(...python)}; do dpkg-deb --extract "$deb" "$layer/python" || exit; done &
python=$!`;
  const afterwards = String.raw`wait "$python"
mount -t overlay overlay -o "lowerdir=$layer/python:$root,upperdir=$layer/upper,workdir=$layer/work" "$layer/merged"
for place in dev proc; do mount --rbind "$root/$place" "$layer/merged/$place"; done
mkdir "$layer/merged/run/packages"
mount --bind ${quoted(packages)} "$layer/merged/run/packages"
in_system "$layer/merged" sh -c 'cd /run/packages && exec dpkg --install "$@"' sh ${quoted(...others)}
umount --recursive "$layer/merged"
cd "$layer/upper"
rm -rf dev proc run/packages
find . -type c -delete
tar --create --file "$root/${ARCHIVE}" --directory "$layer/python" . --directory "$layer/upper" .
cd / && rm -r "$layer"`;
  return { meanwhile, afterwards };
}
