/** Where the verdicts come from. */
import type { Provenance } from "../../core/result.ts";
import { Code, Fold, Scroll, Section } from "./bits.tsx";
import { useWords } from "./page.tsx";

export function AboutRun({ provenance, tool }: { provenance: Provenance; tool: { name: string; version: string } }) {
  const words = useWords();
  const { configs, adaptations, selfCheck, images, nat, durationMs, startedAt, engine, kernel, openssh } = provenance;
  const started = startedAt?.replace("T", " ").replace(/:\d\d\.\d+Z$/, " UTC");
  const software = [openssh?.server, [engine?.name, engine?.version].filter(Boolean).join(" "), kernel && `Linux ${kernel}`].filter(
    Boolean,
  );
  return (
    <Section id="run" title={words.run}>
      <p>
        {words.made({
          tool: `${tool.name} ${tool.version}`,
          ...(started === undefined ? {} : { started }),
          ...(durationMs === undefined ? {} : { duration: durationMs / 1000 }),
        })}
      </p>
      <p class="hint" lang="en">
        {software.join(" · ")}
      </p>
      {configs.length > 0 && (
        <Fold title={words.files} count={configs.length}>
          <Scroll label={words.files}>
            <table class="plain">
              <tbody>
                {configs.map(({ file, sha256 }) => (
                  <tr key={file}>
                    <th scope="row">
                      <Code>{file}</Code>
                    </th>
                    <td>
                      <Code>{`sha256:${sha256.slice(0, 16)}…`}</Code>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </Fold>
      )}
      {adaptations.length > 0 && (
        <Fold title={words.adaptations} count={adaptations.length}>
          <ul lang="en">
            {adaptations.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </Fold>
      )}
      {selfCheck.length > 0 && (
        <Fold title={words.selfCheck(selfCheck.filter(({ ok }) => ok).length, selfCheck.length)}>
          <ul class="checks" lang="en">
            {selfCheck.map(({ name, ok, detail }) => (
              <li key={name} class={ok ? "s-held" : "s-violated"}>
                {name}
                {detail !== undefined && `: ${detail}`}
              </li>
            ))}
          </ul>
        </Fold>
      )}
      {nat.length > 0 && (
        <Fold title={words.natKinds} count={nat.length}>
          <ul lang="en">
            {nat.map(({ router, kind, measured }) => (
              <li key={router}>
                {router}: {kind}; {measured}
              </li>
            ))}
          </ul>
        </Fold>
      )}
      {images.length > 0 && (
        <Fold title={words.images} count={images.length}>
          <ul lang="en">
            {images.map(({ host, name }) => (
              <li key={host}>
                {host}: <Code>{name}</Code>
              </li>
            ))}
          </ul>
        </Fold>
      )}
    </Section>
  );
}
