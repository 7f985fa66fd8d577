#!/bin/sh
# enter.sh ROOT SHARED COMMAND…: runs it with ROOT as the root of a mount namespace of its own, in which SHARED is /shared.
# Not a mere chroot: the root of the namespace itself would still be the machine's.
set -e
root=$1 shared=$2
mount --bind "$root" "$root"
cd "$root"
mkdir -p run shared tmp .old
for folder in proc sys dev; do mount --rbind "/$folder" "$folder"; done
mount --bind "$shared" shared
mount -t tmpfs none run
pivot_root . .old
umount -l /.old
shift 2
exec "$@"
