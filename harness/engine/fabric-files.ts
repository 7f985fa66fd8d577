/**
 * What the fabric has besides a host, as one archive within the base: so its image is made without apt and dpkg, which wait for the disk.
 * The Dockerfile does the same where a base has no such archive.
 */

/** Of a root: where the archive is. */
const ARCHIVE = "var/cache/fabric.tar";

/**
 * A hook of mmdebstrap's: `$1` is the root, `packages` a folder of packages: what the root does not have is to be added. It leaves
 * the root as it is but for the archive.
 */
export function fabricFiles(packages: string): string {
  return String.raw`set -e
root=$1
layer=$root.fabric
mkdir "$layer" "$layer/upper" "$layer/work" "$layer/merged"
mount -t overlay overlay -o "lowerdir=$root,upperdir=$layer/upper,workdir=$layer/work" "$layer/merged"
for place in dev proc; do mount --rbind "$root/$place" "$layer/merged/$place"; done
mkdir "$layer/merged/run/packages"
mount --bind '${packages}' "$layer/merged/run/packages"
cd '${packages}'
has() { for list in "$root/var/lib/dpkg/info/$1.list" "$root/var/lib/dpkg/info/$1":*.list; do [ ! -e "$list" ] || return 0; done; return 1; }
set --
for deb in *.deb; do
  case $deb in
    python3*|libpython3*) dpkg-deb --extract "$deb" "$layer/merged" ;;
    *) has "${"$"}{deb%%_*}" || set -- "$@" "$deb" ;;
  esac
done
DEBIAN_FRONTEND=noninteractive chroot "$layer/merged" sh -c 'cd /run/packages && exec dpkg --install "$@"' sh "$@"
umount --recursive "$layer/merged"
cd "$layer/upper"
rm -rf dev proc run/packages
find . -type c -delete
tar --create --file "$root/${ARCHIVE}" ./*
cd / && rm -r "$layer"`;
}
