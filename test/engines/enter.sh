#!/bin/sh
# enter.sh ROOT SHARED REPOSITORY COMMAND…: runs it with ROOT as the root of a mount namespace of its own, in which SHARED is /shared and
# REPOSITORY is /repository.
# Not a mere chroot: the root of the namespace itself would still be the machine's.
set -e
root=$1 shared=$2 repository=$3
mount --bind "$root" "$root"
cd "$root"
mkdir -p run shared repository tmp .old
for folder in proc sys dev; do mount --rbind "/$folder" "$folder"; done
mount --bind "$shared" shared
mount --bind "$repository" repository
mount -t tmpfs none run
pivot_root . .old
umount -l /.old
shift 3
exec "$@"
