/** A lab as somebody states it in short -> what starts it. */

import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type ArticleHost, articleLab, type LabSpec, type LabSpecOf, mainServer } from "../core/lab-spec.ts";
import type { StatedLab } from "../core/lesson.ts";
import type { Progress } from "../core/step.ts";
import { suiteOf } from "../engine/index.ts";
import type { ServerCgroups } from "../ssh/cgroups.ts";
import { prepareImages, type ServerImage } from "./lab-images.ts";
import type { ServerInput } from "./server-input.ts";

/** A lab to test in. Everything left out is the article's lab with sshd's defaults and no firewall. */
export interface LabOptions<Name extends string = ArticleHost> extends ServerInput {
  spec?: LabSpecOf<Name>;
  /** OpenSSH of the server: 8.4, 9.2, 10.0, 10.6. Left out, like `image`: what FORWARDLAB_OPENSSH or FORWARDLAB_IMAGE says, else 10.0. */
  openssh?: string;
  /** Image of the server, any that has sshd. */
  image?: string;
  /** Control groups in which sshd and its logins run, for rules that match them. */
  cgroups?: ServerCgroups;
  /** Images of other hosts, e.g. `{ home: "forwardlab/desktop" }`: one of the lab's own, or any other. Such a host is a container. */
  images?: Partial<Record<NoInfer<Name>, string>>;
}

/** The images that a lab is going to need, built or pulled where they are missing. */
export async function prepareStatedLab(options: LabOptions<string>, progress: Progress): Promise<void> {
  const server = statedServer(options);
  await prepareImages(statedSpec(options), server ? { [mainServer]: server } : {}, { progress, pull: true });
}

/** What the server runs in the beginning. */
export function statedInput({ sshd = "", firewall = null, accounts = { tunnel: {} } }: ServerInput): Required<ServerInput> {
  return { sshd, firewall, accounts };
}

/** The server that a lab states; one that states none takes what the environment says: `forwardlab run --openssh`, `--image`. */
export function statedServer({ image, openssh, images }: LabOptions<string>): ServerImage | undefined {
  if (image !== undefined) return { image };
  if (openssh !== undefined) return { suite: suiteOf(openssh) };
  if (images?.server !== undefined) return undefined;
  const { FORWARDLAB_IMAGE, FORWARDLAB_OPENSSH } = process.env;
  if (FORWARDLAB_IMAGE) return { image: FORWARDLAB_IMAGE };
  return FORWARDLAB_OPENSSH ? { suite: suiteOf(FORWARDLAB_OPENSSH) } : undefined;
}

/** All but the server's files, as it can be started again. */
export function statedLab(options: LabOptions<string>): StatedLab {
  const { openssh, image } = options;
  return { spec: statedSpec(options), ...(openssh === undefined ? {} : { openssh }), ...(image === undefined ? {} : { image }) };
}

/** The topology, with the images that the lab states for its hosts; a host with an image of its own is a container. */
export function statedSpec({ spec = articleLab(), images = {} }: LabOptions<string>): LabSpec {
  const changed = Object.entries(images).flatMap(([name, image]) => {
    const host = spec.hosts[name];
    if (!host)
      throw new UserError("unknown-host", `the lab has no host ${name}`, {
        fault: faultOf("host-unknown", { name, is: "host", known: Object.keys(spec.hosts) }),
        expected: Object.keys(spec.hosts).join(", "),
      });
    return image === undefined ? [] : [[name, { ...host, kind: "container" as const, image }] as const];
  });
  return { ...spec, hosts: { ...spec.hosts, ...Object.fromEntries(changed) } };
}
