/** What is wrong with the container engine of a machine, and with images. Types only. */

/** Why the embedded engine cannot be used, and images cannot be built from packages. */
export type MachineLacks = "linux" | "root" | "apt-get";

export interface EngineFaults {
  "engine-disk-full": Record<never, never>;
  /** `tried`: what each address of an engine answered. `permission`: the address that this account may not use. */
  "engine-none": { permission?: string | undefined; account?: string | undefined; lacks: MachineLacks };
  "engine-dead": { source: string };
  "image-name": { name: string };
  "image-not-pulled": { image: string };
  "image-not-found": { image: string; versions: readonly string[] };
  "image-not-built": { image: string; suite: string };

  "base-not-built": { suite: string };
  "base-none": { suite: string; registry: string; said: string; lacks: MachineLacks };
  "base-not-imported": { name: string };
  "bridge-not-made": { name: string; command: string };
  "bridge-not-removed": { name: string };
  "bridge-no-network": Record<never, never>;
  "embedded-impossible": { lacks: MachineLacks };
  /** `seconds`: it did not answer for so long; left out: it ended. */
  "embedded-does-not-start": { seconds?: number | undefined };
  "embedded-does-not-stop": Record<never, never>;
  "debian-packages": { packages: readonly string[] };
  "debian-package": { file: string };
  "npm-packages": { image: string };
  "cache-unusable": { folder: string };
  "engine-userns": { engine: string };
  "image-unknown": { known: readonly string[] };
  "openssh-unknown": { known: readonly string[] };
  "archive-unreadable": Record<never, never>;
  "archive-unwritable": Record<never, never>;
  "archive-refused": Record<never, never>;
  "archive-other-file": Record<never, never>;
  /** `machine`: the architecture of the images, where the engine has another. */
  "archive-outdated": { machine?: string | undefined; engine: string; foreign: readonly string[]; usual: readonly string[] };
  "archive-damaged": { found?: number | undefined; bytes: number };
}
