/** What a run was made with: engine, kernel, images, OpenSSH, the user's files, what the lab changed. */
import type { Provenance, Unworded } from "../core/result.ts";
import type { LoadedPolicy } from "../policy/load-policy.ts";
import { defaultFrom } from "../policy/policy.ts";
import type { ForwardLab } from "../session/forward-lab.ts";

export async function provenanceOf(lab: ForwardLab, loaded: LoadedPolicy, startedAt: Date): Promise<Unworded<Provenance>> {
  const client = await lab.sshVersion(defaultFrom);
  return {
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    engine: { name: lab.engine.kind === "embedded" ? "embedded Docker" : lab.engine.product, version: lab.engine.version },
    kernel: lab.lab.kernel,
    openssh: { server: lab.server.version.text, client },
    images: lab.images.map(({ host, ref }) => ({ host, name: ref.reference, id: ref.id })),
    forwards: Object.keys(loaded.policy.forwards),
    configs: loaded.inputs.files.map(({ display: file, sha256 }) => ({ file, sha256 })),
    adaptationDetails: lab.adaptations,
    nat: [...lab.nats],
    selfCheck: [...lab.checks],
  };
}
