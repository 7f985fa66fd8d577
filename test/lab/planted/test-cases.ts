/** The tests of planted mistakes: each is found, and the same server without it passes. Cases of one network take one lab in turn. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contains, parseAddress, parseInterface, parseTarget } from "../../../harness/core/address.ts";
import { isLinkLocal } from "../../../harness/core/link-local.ts";
import type { Result, ResultCell } from "../../../harness/core/result.ts";
import { type SharedLab, shareLab } from "../../../harness/pipelines/verify.ts";
import { type LoadedPolicy, loadPolicy } from "../../../harness/policy/load-policy.ts";
import type { PlantedCase } from "./planted-case.ts";
import { policyFiles } from "./policy-files.ts";

interface LoadedCase {
  right: LoadedPolicy;
  wrong: LoadedPolicy;
  /** The right files, and a policy that asks for the opposite of all that is right. */
  inverted: LoadedPolicy;
}

/** All of them take minutes (`npm run planted`); `npm test` takes each fifth of a kind. */
const every = process.env.FORWARDLAB_PLANTED === "all" ? 1 : 5;

/** @param kinds cases by what their mistakes are about */
export function testCases(kinds: Readonly<Record<string, readonly PlantedCase[]>>): void {
  const all = Object.entries(kinds).flatMap(([kind, cases]) => cases.filter((_, at) => at % every === 0).map((each) => ({ kind, each })));
  for (const [network, cases] of Map.groupBy(all, ({ each }) => each.network ?? "article")) {
    describe(`${network} network`, () => testInOneLab(network, cases));
  }
}

function testInOneLab(network: string, cases: readonly { kind: string; each: PlantedCase }[]): void {
  const loaded = new Map<PlantedCase, LoadedCase>();
  let folder: string;
  let lab: SharedLab | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "forwardlab-planted-"));
    for (const [at, { each }] of cases.entries()) loaded.set(each, await load(each, join(folder, String(at))));
    const [first, ...others] = [...loaded.values()].flatMap(({ right, wrong }) => [right, wrong]);
    if (first) lab = await shareLab([first, ...others], { world: true });
  });
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  for (const { kind, each } of cases) {
    test(`${kind}: ${each.name}`, async () => {
      const { right, wrong, inverted } = loaded.get(each) as LoadedCase;
      if (!lab) throw new Error(`the cases of network ${network} do not fit into one lab`);
      const [passed, opposite] = (await lab.verify(right, inverted)) as [Result, Result];
      expect(told(passed)).toEqual([]);
      expect(passed.outcome).toBe("pass");
      expect(opposite.outcome).toBe("fail");
      expect(keptThoughInverted(passed, opposite)).toEqual([]);
      const [failed] = (await lab.verify(wrong)) as [Result];
      expect(failed.outcome, each.mistake).toBe("fail");
      const violated = failed.cells.filter(({ status }) => status === "violated");
      expect(violated.filter((cell) => !each.exposes.some((who) => isOf(who, cell, failed))).map(textOf), "exposed besides").toEqual([]);
      expect(
        each.exposes.filter((who) => !violated.some((cell) => isOf(who, cell, failed))),
        "not found",
      ).toEqual([]);
    });
  }
}

async function load(each: PlantedCase, folder: string): Promise<LoadedCase> {
  const loadSide = async (name: keyof LoadedCase) => {
    const files = policyFiles(each, name);
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name, path)), { recursive: true });
      await writeFile(join(folder, name, path), content);
    }
    return loadPolicy(join(folder, name), { display: name });
  };
  return { right: await loadSide("right"), wrong: await loadSide("wrong"), inverted: await loadSide("inverted") };
}

/** What is not as it should be, for a person. */
function told({ cells, forwards, reasons }: Result): string[] {
  return [
    ...cells.filter(({ status }) => status !== "held" && status !== "optional").map(textOf),
    ...forwards
      .filter(({ ok }) => !ok)
      .map(({ decidedBy, clientLog, serverLog }) => `forward: ${decidedBy?.text}\n${clientLog}\n${serverLog}`),
    ...reasons.map(({ text }) => text),
  ];
}

function textOf({ vantage, target, via, status, expected, observed, decidedBy }: ResultCell): string {
  return `${vantage} → ${target}${via === undefined ? "" : ` via ${via}`}: ${expected} ${status}, ${observed} by ${decidedBy?.text}`;
}

/**
 * Cells that held and are not violated when the opposite is expected. Where nothing must be reachable, as no route leads there, nothing is expected; and of several ports
 * that lead to the forward, whoever may reach it needs one.
 */
function keptThoughInverted(passed: Result, opposite: Result): string[] {
  const same = (one: ResultCell, other: ResultCell) =>
    one.vantage === other.vantage && one.target === other.target && one.via === other.via;
  const isOwed = ({ vantage, target, via }: ResultCell) =>
    opposite.cells.some(
      (one) =>
        one.status === "violated" &&
        one.vantage === vantage &&
        one.via === via &&
        parseTarget(one.target)?.address === parseTarget(target)?.address,
    );
  return passed.cells
    .filter(({ expected }) => expected !== null)
    .flatMap((cell) => opposite.cells.find((one) => same(one, cell)) ?? [])
    .filter(
      (cell) =>
        cell.status !== "violated" &&
        (cell.expected !== null ||
          (cell.via === undefined && !isLinkLocal(cell.target) && cell.observed !== "unreachable" && !isOwed(cell))),
    )
    .map(textOf);
}

/** Is the cell one of those that `exposes` names? */
function isOf(who: string, { vantage, family, target }: ResultCell, { sources, topology }: Result): boolean {
  const [source = "", at] = who.split(" at ");
  if (at !== undefined && at !== target) return false;
  const prefix = parseInterface(source);
  if (!prefix) return source === vantage;
  const seen =
    sources?.classes.find((one) => one.vantage === vantage && one.family === family)?.address ??
    topology.hosts[vantage]?.interfaces.flatMap(({ addresses }) => addresses).find((text) => text.includes(":") === (family === 6));
  const address = parseAddress(seen?.split("/", 1)[0] ?? "");
  return address !== undefined && contains(prefix, address);
}
