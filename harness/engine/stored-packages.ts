/**
 * Debian packages with uncompressed contents. They are decompressed as they arrive, on all processors, because dpkg unpacks them one by one, and
 * some are read twice.
 */
import { spawn } from "node:child_process";
import { appendFileSync, closeSync, openSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";

/** deb(5): an `ar` archive whose last member is `data.tar.*`; ar(5): a member has a head of 60 bytes, and an even length. */
const MAGIC = 8;
const HEAD = 60;

/** Started by a small process: for this one, which uses a lot of memory, starting a process takes as long as decompressing a small package. */
const DECOMPRESS = 'dpkg-deb --fsys-tarfile "$1" >> "$1.stored" || exit 255';

export interface Storing {
  /** Stores this package; after `end`, it is there under its name. */
  add(file: string, content: Buffer): void;
  /** @throws if a file is damaged, or is not a package */
  end(): Promise<void>;
}

/** Stores packages in `folder`. */
export function storePackages(folder: string): Storing {
  // Killed with this process, so that leftover work does not touch the files of the next run.
  const argv = [
    "--pdeathsig",
    "KILL",
    "xargs",
    "-r",
    "-d",
    "\\n",
    "-n",
    "1",
    "-P",
    String(availableParallelism()),
    "sh",
    "-c",
    DECOMPRESS,
    "sh",
  ];
  const child = spawn("setpriv", argv, { stdio: ["pipe", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  child.stdin.on("error", () => {}); // its exit status tells
  const ended = new Promise<number | null>((done) => child.on("close", done).on("error", () => done(null)));
  const added: { fetched: string; data: number }[] = [];
  return {
    add(file, content) {
      const fetched = join(folder, `${file}.fetched`);
      const data = startOfData(content, file);
      writeFileSync(fetched, content);
      writeFileSync(`${fetched}.stored`, Buffer.concat([content.subarray(0, data), headOf(0)]));
      added.push({ fetched, data });
      child.stdin.write(`${fetched}\n`);
    },
    async end() {
      child.stdin.end();
      if ((await ended) !== 0) throw new Error(`packages could not be read: ${said}`);
      for (const { fetched, data } of added) {
        complete(`${fetched}.stored`, data);
        renameSync(`${fetched}.stored`, join(folder, basename(fetched, ".fetched")));
        rmSync(fetched);
      }
    },
  };
}

/** The length is known only after decompression. */
function complete(deb: string, data: number): void {
  const length = statSync(deb).size - data - HEAD;
  if (length % 2 === 1) appendFileSync(deb, "\n");
  const file = openSync(deb, "r+");
  writeSync(file, headOf(length), 0, HEAD, data);
  closeSync(file);
}

function startOfData(whole: Buffer, name: string): number {
  for (let at = MAGIC; at + HEAD <= whole.length; ) {
    const head = whole.toString("latin1", at, at + HEAD);
    if (head.startsWith("data.tar")) return at;
    const size = Number(head.slice(48, 58));
    at += HEAD + size + (size % 2);
  }
  throw new Error(`${name} has no contents`);
}

function headOf(size: number): Buffer {
  const fields = [
    ["data.tar", 16],
    ["0", 12],
    ["0", 6],
    ["0", 6],
    ["100644", 8],
    [String(size), 10],
  ] as const;
  return Buffer.from(`${fields.map(([value, width]) => value.padEnd(width)).join("")}\`\n`);
}
