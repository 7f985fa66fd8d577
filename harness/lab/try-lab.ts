/** The smallest lab there is, started and removed: does this engine bear one? */
import { type Engine, type ImageRequest, imageKey, presentImages } from "../engine/index.ts";
import { asUserError, startLab } from "./lab.ts";

/**
 * Milliseconds that it took; undefined where the images have not been built yet, which is not done for this.
 * @throws UserError as `startLab` does
 */
export async function tryLab(engine: Engine): Promise<number | undefined> {
  const [fabric, host]: [ImageRequest, ImageRequest] = [{ target: "fabric" }, { target: "host" }];
  const present = await presentImages(engine, [fabric, host]);
  const images = { fabric: present[imageKey(fabric)]?.reference, host: present[imageKey(host)]?.reference };
  if (images.fabric === undefined || images.host === undefined) return undefined;
  const began = performance.now();
  const spec = {
    lans: { lan: { ipv4: "198.51.100.0/24" } },
    routers: { core: { lans: { lan: ["198.51.100.1/24"] } } },
    hosts: {
      server: { kind: "container" as const, interfaces: [{ name: "eth0", link: { lan: "lan" }, addresses: ["198.51.100.10/24"] }] },
    },
  };
  await using lab = await startLab(spec, { engine, images: { fabric: images.fabric, host: images.host } });
  await lab
    .host("server")
    .run(["true"])
    .catch((error: unknown) => {
      throw asUserError(error);
    });
  return performance.now() - began;
}
