// The files of an npm package: a tar(5) archive, from which npm takes only regular files. Runs on any Node from 16 on.

const BLOCK = 512;

/**
 * @param chunks the decompressed archive
 * @returns each file: its path without the first folder, and its content in `pieces`
 * @throws for a path that leads out of the package, and for a truncated archive
 */
export async function* filesOf(chunks) {
  const source = chunks[Symbol.asyncIterator]?.() ?? chunks[Symbol.iterator]();
  const take = takerOf(source);
  try {
    let longer;
    for (let header = await take(BLOCK); header[0][0] !== 0; header = await take(BLOCK)) {
      const { name, mode, size, type } = entryOf(Buffer.concat(header));
      const pieces = await take(size);
      await take(-size & (BLOCK - 1));
      if (type === "x" || type === "L") longer = longName(type, Buffer.concat(pieces).toString("utf8"));
      else if (type !== "g") {
        if (type === "0") yield { path: inside(longer ?? name), mode, pieces };
        longer = undefined;
      }
    }
  } finally {
    await source.return?.();
  }
}

/** @returns a function that takes the given number of bytes from the source, in pieces */
function takerOf(source) {
  let chunk = Buffer.alloc(0);
  return async (size) => {
    const pieces = [];
    for (let left = size; left > 0; left -= pieces.at(-1).length) {
      if (chunk.length === 0) {
        const { done, value } = await source.next();
        if (done) throw new Error("the archive is truncated");
        chunk = value;
      }
      pieces.push(chunk.subarray(0, left));
      chunk = chunk.subarray(left);
    }
    return pieces;
  };
}

function entryOf(header) {
  const text = (from, to) => header.toString("utf8", from, to).replace(/\0.*/s, "");
  const number = (from, to) => Number.parseInt(text(from, to).trim() || "0", 8);
  const [name, before] = [text(0, 100), text(257, 262) === "ustar" ? text(345, 500) : ""];
  return { name: before ? `${before}/${name}` : name, mode: number(100, 108), size: number(124, 136), type: text(156, 157) || "0" };
}

/** `x`: POSIX, `L`: GNU. */
function longName(type, text) {
  return type === "L" ? text.replace(/\0.*/s, "") : /^\d+ path=(.*)$/m.exec(text)?.[1];
}

function inside(name) {
  const words = name.split("/").slice(1);
  if (words.length === 0 || words.some((word) => word === "" || word === "." || word === ".."))
    throw new Error(`${name}: not in the package`);
  return words.join("/");
}
