/** One Dockerfile with several targets -> just the part that one target needs. */

interface Stage {
  name: string;
  base: string;
  lines: string[];
}

/** Every target, with the comment that stands right above it in one line. */
export function targetsOf(dockerfile: string): { name: string; about: string }[] {
  return [...dockerfile.matchAll(/((?:^#.*\n)*)^FROM\s+\S+\s+AS\s+(\S+)/gim)].map(([, comment, name]) => ({
    name: name as string,
    about: (comment as string).replace(/^# ?/gm, "").trim().replaceAll("\n", " "),
  }));
}

/** The stages that `target` is made of, in order, after the ARGs that stand before the first FROM. */
export function trimTo(dockerfile: string, target: string): string {
  const { head, stages } = split(dockerfile);
  const needed = new Set<Stage>();
  const need = (name: string) => {
    const stage = stages.find((one) => one.name === name);
    if (!stage || needed.has(stage)) return;
    needed.add(stage);
    need(stage.base);
    for (const [, from] of stage.lines.join("\n").matchAll(/^(?:COPY|ADD)\s.*--from=(\S+)/gm)) need(from as string);
  };
  need(target);
  if (needed.size === 0) throw new Error(`containers/Dockerfile has no target ${target}`);
  return `${[...head, ...stages.filter((stage) => needed.has(stage)).flatMap(({ lines }) => lines)].join("\n")}\n`;
}

/** What it copies from the build context (files or folders, as written, no trailing slash). */
export function contextPaths(dockerfile: string): string[] {
  const copies = [...dockerfile.matchAll(/^(?:COPY|ADD)\s+(?!.*--from=)(.+)$/gm)];
  return copies.flatMap(([, rest]) => {
    const words = (rest as string).split(/\s+/).filter((word) => !word.startsWith("--"));
    return words.slice(0, -1).map((path) => path.replace(/\/$/, ""));
  });
}

/** The words of an ARG's default value. */
export function argWords(dockerfile: string, name: string): string[] {
  const [, , value] = [...dockerfile.matchAll(/^ARG (\w+)="(.*)"$/gm)].find((match) => match[1] === name) ?? [];
  if (value === undefined) throw new Error(`containers/Dockerfile has no argument ${name}`);
  return value.split(" ");
}

/** Instructions only: comments and empty lines change no image. */
function split(dockerfile: string): { head: string[]; stages: Stage[] } {
  const head: string[] = [];
  const stages: Stage[] = [];
  for (const line of dockerfile.split("\n").filter((text) => text.trim() !== "" && !text.trimStart().startsWith("#"))) {
    const from = /^FROM\s+(\S+)(?:\s+AS\s+(\S+))?/i.exec(line);
    if (from) stages.push({ base: from[1] as string, name: from[2] ?? String(stages.length), lines: [line] });
    else (stages.at(-1)?.lines ?? head).push(line);
  }
  return { head, stages };
}
