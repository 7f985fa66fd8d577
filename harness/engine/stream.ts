/** What an engine says while it builds or pulls: one JSON object per line; a failure is a line too, the status is 200 all the same. */

export interface StreamResult {
  /** The engine's own message; undefined when all went well. */
  error?: string;
  /** All that was printed. */
  output: string;
}

/** Bytes of an archive for an engine to read at once: with the usual small pieces, this process is as busy as the engine. */
export const PIECE = 1 << 20;

/** Reads to the end. */
export async function readStream(stream: NodeJS.ReadableStream): Promise<StreamResult> {
  let error: string | undefined;
  let output = "";
  let rest = "";
  const take = (line: string) => {
    if (line.trim() === "") return;
    const message = parse(line);
    if (message.error !== undefined) error = message.error;
    output += message.stream ?? (message.status ? `${message.status}\n` : "");
  };
  stream.setEncoding("utf8");
  for await (const chunk of stream) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(take);
  }
  take(rest);
  return error === undefined ? { output } : { error, output: `${output.trimEnd()}\n${error}` };
}

interface Message {
  stream?: string;
  status?: string;
  error?: string;
}

function parse(line: string): Message {
  try {
    return JSON.parse(line);
  } catch {
    return { stream: `${line}\n` };
  }
}
