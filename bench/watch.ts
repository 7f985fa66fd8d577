/** `verify --watch` as its user sees it: from the moment a file is saved until the other verdict is printed. */
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What is edited in a copy of examples/article: each edit makes its policy fail, or hold again. */
const edits = {
  policy: { file: "policy.yaml", from: "reachable_from: [campus, other-lan]", to: "reachable_from: [campus]" },
  sshd: { file: "etc/ssh/sshd_config.d/tunnels.conf", from: "GatewayPorts clientspecified", to: "GatewayPorts no" },
  firewall: { file: "etc/nftables.conf", from: "define other_lan4 = 203.0.113.50", to: "define other_lan4 = 203.0.113.51" },
} as const;

type Edited = keyof typeof edits;

/** Milliseconds of each edit, by what was saved. */
export type MeasuredWatch = Record<Edited, number[]>;

/** Of each kind, in each run: there and back again. */
const rounds = 3;

const main = join(import.meta.dirname, "../harness/cli/main.ts");
const example = join(import.meta.dirname, "../examples/article");

/** @throws where an edit gives another verdict than it must, or the watch ends */
export async function measureWatch(signal: AbortSignal): Promise<MeasuredWatch> {
  const folder = mkdtempSync(join(tmpdir(), "forwardlab-bench-"));
  cpSync(example, folder, { recursive: true });
  const child = spawn(process.execPath, ["--no-warnings", main, "verify", folder, "--watch", "--no-color"], {
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  try {
    const verdicts = new Verdicts(child);
    await verdicts.next("PASS");
    const found: MeasuredWatch = { policy: [], sshd: [], firewall: [] };
    for (let round = 0; round < rounds; round++) {
      for (const [name, { file, from, to }] of Object.entries(edits) as [Edited, (typeof edits)[Edited]][]) {
        const path = join(folder, file);
        const text = readFileSync(path, "utf8");
        if (!text.includes(from)) throw new Error(`${file} of the example has no ${from}`);
        for (const [content, verdict] of [
          [text.replace(from, to), "FAIL"],
          [text, "PASS"],
        ] as const) {
          const seen = verdicts.next(verdict);
          const began = performance.now();
          writeFileSync(path, content);
          await seen;
          found[name].push(performance.now() - began);
        }
      }
    }
    return found;
  } finally {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGINT");
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the process prints, verdict by verdict. */
class Verdicts {
  #out = "";
  #err = "";
  #waiting: { verdict: string; resolve(): void; reject(error: Error): void } | undefined;

  constructor(child: ChildProcess) {
    child.stdout?.on("data", (chunk: Buffer) => {
      this.#out += chunk;
      this.#look();
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#err += chunk;
    });
    child.once("error", (error) => this.#waiting?.reject(error));
    child.once("close", (code) => this.#waiting?.reject(new Error(`verify --watch ended with ${code}: ${this.#err.trim().slice(-2000)}`)));
  }

  /** The next report, which must have this verdict. */
  next(verdict: "PASS" | "FAIL"): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting = { verdict, resolve, reject };
    });
  }

  /** A report begins with its verdict and ends with the line that tells of the self-check. */
  #look(): void {
    const [, verdict] = /^. (PASS|FAIL|INCONCLUSIVE) [\s\S]*self-check.*\n$/m.exec(this.#out) ?? [];
    if (verdict === undefined || !this.#waiting) return;
    const { verdict: expected, resolve, reject } = this.#waiting;
    this.#waiting = undefined;
    if (verdict === expected) resolve();
    else reject(new Error(`verify --watch says ${verdict} where ${expected} was to be expected:\n${this.#out}`));
    this.#out = "";
  }
}
