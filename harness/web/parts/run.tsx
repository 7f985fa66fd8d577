/** Where the verdicts come from. */
import type { Provenance } from "../../core/result.ts";
import { adaptationsIn } from "../../report/adaptations.ts";
import { checkIn, natIn } from "../../report/lab-facts.ts";
import { Code, Fold, Scroll, Section, Sentence } from "./bits.tsx";
import { usePage } from "./page.tsx";

export function AboutRun({ provenance, tool }: { provenance: Provenance; tool: { name: string; version: string } }) {
  const { words, language } = usePage();
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
          <ul>
            {adaptationsIn(provenance, language).map((each) => (
              <li key={each}>
                <Sentence text={each} />
              </li>
            ))}
          </ul>
        </Fold>
      )}
      {selfCheck.length > 0 && (
        <Fold title={words.selfCheck(selfCheck.filter(({ ok }) => ok).length, selfCheck.length)}>
          <ul class="checks">
            {selfCheck.map((check) => {
              const { name, found } = checkIn(check, language);
              return (
                <li key={check.name} class={check.ok ? "s-held" : "s-violated"}>
                  {name}
                  {found !== undefined && `: ${found}`}
                </li>
              );
            })}
          </ul>
        </Fold>
      )}
      {nat.length > 0 && (
        <Fold title={words.natKinds} count={nat.length}>
          <ul>
            {nat.map((fact) => (
              <li key={fact.router}>{natIn(fact, language)}</li>
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
