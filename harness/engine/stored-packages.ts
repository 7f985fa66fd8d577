/** Debian packages with their contents stored instead of compressed: mmdebstrap reads each of its first packages twice. */

/**
 * Replaces the packages that it is given and that lie below STORE_PACKAGES_BELOW, not in somebody's mirror; deb(5): an `ar` archive whose last
 * member is `data.tar.*`. It needs what every Debian has, dpkg-deb and the essential part of Perl.
 */
export const STORE_PACKAGES = String.raw`use strict;
for my $deb (grep { index($_, "$ENV{STORE_PACKAGES_BELOW}/") == 0 } @ARGV) {
  open my $in, '<:raw', $deb or die "$deb: $!\n";
  read $in, my $stored, 8;
  while (read $in, my $head, 60) {
    last if $head =~ /^data\.tar/;
    my $size = substr $head, 48, 10;
    read $in, my $content, $size + $size % 2;
    $stored .= $head . $content;
  }
  open my $unpacked, '-|:raw', 'dpkg-deb', '--fsys-tarfile', $deb or die "dpkg-deb: $!\n";
  my $data = do { local $/; <$unpacked> };
  close $unpacked or die "dpkg-deb could not read $deb\n";
  $stored .= sprintf("%-16s%-12d%-6d%-6d%-8s%-10d%s\n", 'data.tar', 0, 0, 0, '100644', length $data, chr 96);
  $stored .= $data . "\n" x (length($data) % 2);
  open my $out, '>:raw', "$deb.stored" or die "$deb.stored: $!\n";
  (print $out $stored) && close $out && rename "$deb.stored", $deb or die "$deb.stored: $!\n";
}
`;

/** apt writes their paths, when it has downloaded all of them. */
const CONFIG = `DPkg::Pre-Install-Pkgs { "xargs --max-args=4 --max-procs=$(nproc) perl -e 'eval $ENV{STORE_PACKAGES}; die $@ if $@'"; };`;
const FILE = "etc/apt/apt.conf.d/00stored";

/** For mmdebstrap, whose environment has to have `storing`; it sets TMPDIR itself. */
export const STORING = [`--setup-hook=printf '%s\\n' "$STORE_PACKAGES_CONFIG" > "$1/${FILE}"`, `--extract-hook=rm "$1/${FILE}"`];
export const storing = (below: string): NodeJS.ProcessEnv => ({
  STORE_PACKAGES,
  STORE_PACKAGES_CONFIG: CONFIG,
  STORE_PACKAGES_BELOW: below,
});
