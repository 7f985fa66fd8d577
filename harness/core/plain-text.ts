/** A file's bytes as text. Pure. */

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** A byte order mark stays: programs that read the file on the server see it, too. */
export function textOf(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}

export type ForeignEncoding = "byte-order-mark" | "utf-16";

/** An encoding that the server's programs do not read, by the first bytes. Undefined: none of these. */
export function foreignEncoding(bytes: Uint8Array): ForeignEncoding | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return "byte-order-mark";
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) ? "utf-16" : undefined;
}
