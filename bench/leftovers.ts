/** Removes what the bench started and did not end itself, and its image. */
import type Docker from "dockerode";

export async function removeLeftovers(docker: Docker, label: string, image: string): Promise<void> {
  const filters = { label: [label] };
  // An engine may still be busy with a container that an interrupted run had asked for.
  for (let quiet = 0; quiet < 2; quiet++) {
    const containers = await docker.listContainers({ all: true, filters });
    if (containers.length > 0) quiet = 0;
    await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true }).catch(missing)));
    if (quiet === 0) await new Promise((resolve) => setTimeout(resolve, 200));
  }
  for (const { Id } of await docker.listNetworks({ filters })) await docker.getNetwork(Id).remove().catch(missing);
  await docker.getImage(image).remove({ force: true }).catch(missing);
}

function missing(error: { statusCode?: number }): void {
  if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
}
