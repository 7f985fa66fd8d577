/** A tar archive of a few small files, the same bytes for the same files: what a build context is sent as. */

export interface TarFile {
  /** Relative, at most 100 bytes. */
  path: string;
  content: Uint8Array;
}

const BLOCK = 512;

/** POSIX ustar: owner root, mode 0644, time 0 (so the engine's build cache and our hash depend on contents only). */
export function tar(files: readonly TarFile[]): Buffer {
  const blocks = files.flatMap(({ path, content }) => [header(path, content.length), content, Buffer.alloc(padding(content.length))]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function header(path: string, size: number): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`path too long for a build context: ${path}`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number) => block.write(value.toString(8).padStart(length - 1, "0"), at);
  block.write(path, 0);
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write("        ", 148); // the checksum counts itself as spaces
  block.write("0", 156);
  block.write("ustar\x0000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

const padding = (size: number) => (BLOCK - (size % BLOCK)) % BLOCK;
