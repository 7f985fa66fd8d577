/** What an engine says of the way it was set up. */
import type { Engine } from "./engine.ts";

export interface EngineFacts {
  /** It runs as an ordinary account. */
  rootless: boolean;
  /** Its containers have other ids than the machine (userns-remap), though it is not rootless. */
  ownIds: boolean;
  /** Version of the kernel's control groups, `1` or `2`. */
  cgroups: string;
}

export async function engineFacts({ docker }: Engine): Promise<EngineFacts> {
  const { SecurityOptions = [], CgroupVersion = "1" } = (await docker.info()) as { SecurityOptions?: string[]; CgroupVersion?: string };
  const has = (name: string) => SecurityOptions.some((option) => option.split(",").includes(`name=${name}`));
  return { rootless: has("rootless"), ownIds: has("userns"), cgroups: CgroupVersion };
}
