/** What an engine says while it builds or pulls: one JSON object per line; a failure is a line too, the status is 200 all the same. */

export interface StreamResult {
  /** The engine's own message; undefined when all went well. */
  error?: string;
  /** All that was printed. */
  output: string;
}

/** Reads to the end. `onLine` gets what a person would see in `docker build`. */
export async function readStream(stream: NodeJS.ReadableStream, onLine: (text: string) => void = () => {}): Promise<StreamResult> {
  let error: string | undefined;
  let output = "";
  let rest = "";
  const take = (line: string) => {
    if (line.trim() === "") return;
    const message = parse(line);
    const text = message.stream ?? message.status ?? "";
    if (message.error !== undefined) error = message.error;
    output += message.stream ?? (text ? `${text}\n` : "");
    if (text.trim()) onLine(text.trim());
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
