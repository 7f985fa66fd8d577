import { describe, expect, test } from "vitest";
import type { Result, ResultCell, ResultForward } from "../../../harness/core/result.ts";
import type { CoveredLine, ReviewMutation } from "../../../harness/core/review.ts";
import { inLanguage } from "../../../harness/report/in-language.ts";
import { listIn, readHash, writeHash } from "../../../harness/web/parts/hash.ts";
import { layoutOf, lineBetween } from "../../../harness/web/parts/layout.ts";
import { legsOf, serviceOf } from "../../../harness/web/parts/legs.ts";
import { hostId, networkOf, wayBetween } from "../../../harness/web/parts/network.ts";
import { membership } from "../../../harness/web/parts/prefixes.ts";
import { pageWords } from "../../../harness/web/parts/words.ts";
import { ratedLines } from "../../../harness/web/parts/worth.ts";
import { rich } from "../report/rich-sample.ts";
import { failing, passing } from "../report/sample.ts";

const network = networkOf(passing.topology);
const cellOf = (result: Result, vantage: string, changes: Partial<ResultCell> = {}) => ({
  ...(result.cells.find((cell) => cell.vantage === vantage) as ResultCell),
  ...changes,
});

describe("the address's hash", () => {
  test("is read as it was written, whatever the texts hold", () => {
    const state = { cell: "rdp|internet|[2001:db8::1]:43234", q: "a b&c=d#e%日本語", lang: "ja" };
    expect(readHash(writeHash(state))).toEqual(state);
    expect(writeHash({ q: "", cell: "" })).toBe("");
    expect(listIn({ status: "violated,,held" }, "status")).toEqual(["violated", "held"]);
  });
});

describe("the network", () => {
  test("the way from the stranger to the server leads over the core and the server's LAN", () => {
    expect(wayBetween(network, hostId("internet"), hostId("server"))).toEqual([
      "host:internet",
      "router:core",
      "lan:server-lan",
      "host:server",
    ]);
  });

  test("hosts do not forward, a host without a wire is on no way", () => {
    const way = wayBetween(network, hostId("home"), hostId("server"));
    expect(way.slice(1, -1).some((id) => id.startsWith("host:"))).toBe(false);
    expect(wayBetween(network, hostId("home"), hostId("nobody"))).toEqual([]);
  });

  test("an address that stands for a class of sources is a host on the internet", () => {
    const wide = networkOf(passing.topology, ["45.13.7.9", "campus"]);
    expect(wayBetween(wide, hostId("45.13.7.9"), hostId("server"))).toHaveLength(4);
    expect(wide.nodes.size).toBe(network.nodes.size + 1);
  });

  test("in both forms every node has a place of its own inside of the picture, and every wire a line", () => {
    for (const form of ["wide", "narrow"] as const) {
      const layout = layoutOf(network, form);
      const places = [...layout.places.values()];
      expect(layout.places.size).toBe(network.nodes.size);
      expect(new Set(places.map(({ x, y }) => `${x} ${y}`)).size).toBe(places.length);
      for (const { x, y } of places)
        expect(x >= 0 && y >= 0 && x + layout.box.width <= layout.width && y + layout.box.height <= layout.height).toBe(true);
      for (const [from, others] of network.wires) for (const to of others) expect(lineBetween(layout, from, to).length).toBeGreaterThan(1);
    }
  });
});

describe("the legs of a cell", () => {
  const legs = (result: Result, cell: ResultCell) =>
    legsOf(
      result,
      network,
      cell,
      result.forwards.find(({ name }) => name === cell.forward),
    ).map(({ name, from, to, state }) => `${name} ${from} ${to} ${state}`);

  test("reached: all the way to the service at home", () => {
    expect(legs(passing, cellOf(passing, "campus"))).toEqual([
      "visit campus server passed",
      "tunnel server home passed",
      "dial home localhost:3389 passed",
    ]);
  });

  test("filtered: the first leg ends where the trace ends, and nothing goes on", () => {
    const trace = [
      { at: "core", what: "SYN arrived" },
      { at: "server", what: "inet filter input policy drop", verdict: "drop" as const },
    ];
    const cell = cellOf(passing, "internet", { evidence: { trace } });
    const [visit, tunnel] = legsOf(passing, network, cell, passing.forwards[0]);
    expect(visit).toMatchObject({ state: "stopped", stoppedAt: "host:server", encrypted: false });
    expect(tunnel).toMatchObject({ state: "untried", encrypted: true });
  });

  test("refused: it ended at the server, although the trace ends with the answer", () => {
    const trace = ["campus", "server", "campus"].map((at) => ({ at, what: "SYN arrived" }));
    const cell = cellOf(passing, "campus", { observed: "refused", decidedBy: null, evidence: { trace } });
    expect(legsOf(passing, network, cell, passing.forwards[0])[0]).toMatchObject({ state: "stopped", stoppedAt: "host:server" });
  });

  test("behind a jump host the tunnel leads through it", () => {
    const forward = { ...(passing.forwards[0] as ResultForward), server: "campus", jump: ["server"], listensOn: "campus" };
    const [visit, tunnel] = legsOf(passing, network, cellOf(passing, "internet"), forward);
    expect(visit).toMatchObject({ from: "internet", to: "campus" });
    expect(tunnel).toMatchObject({ from: "campus", to: "home" });
    expect(tunnel?.way).toEqual([
      ...wayBetween(network, hostId("campus"), hostId("server")),
      ...wayBetween(network, hostId("server"), hostId("home")).slice(1),
    ]);
    const { jump: _, ...direct } = forward;
    expect(legsOf(passing, network, cellOf(passing, "internet"), direct)[1]?.way).toEqual(
      wayBetween(network, hostId("campus"), hostId("home")),
    );
  });

  test("stopped by a router: the leg goes no further", () => {
    const trace = [{ at: "core", what: "inet router forward drop", verdict: "drop" as const }];
    const [visit] = legsOf(passing, network, cellOf(passing, "internet", { evidence: { trace } }), passing.forwards[0]);
    expect(visit?.way).toEqual(["host:internet", "router:core"]);
  });

  test("the service as typed", () => {
    const of = (ssh: string, target = "198.51.100.10:1080") => serviceOf({ target }, { ssh } as never);
    expect(of("-fN -R :43234:localhost:3389")).toBe("localhost:3389");
    expect(of("-L 9000:[::1]:80")).toBe("[::1]:80");
    expect(of("-R 8080:/run/app.sock")).toBe("/run/app.sock");
    expect(of("-D 1080", "127.0.0.1:1080 → db:5432")).toBe("db:5432");
    expect(of("-D 1080")).toBe("");
  });
});

test("is the address in?", () => {
  expect(membership(" 45.13.7.9 ", ["45.13.0.0/16"])).toBe("in");
  expect(membership("2001:db8::1", ["45.13.0.0/16", "2001:db8::/64"])).toBe("in");
  expect(membership("45.14.0.1", ["45.13.0.0/16"])).toBe("out");
  expect(membership("45.13", ["45.13.0.0/16"])).toBe("invalid");
});

describe("what a line is worth", () => {
  const covered = (line: number, state: CoveredLine["state"]): CoveredLine => ({ file: "f", line, rule: `rule ${line}`, state });
  const tried = (line: number, effect: ReviewMutation["effect"]) =>
    ({ file: "f", line, rule: `rule ${line}`, effect, instead: "" }) as ReviewMutation;

  test("the most important of what was tried on it; without trials, whether anything met it", () => {
    const coverage = [
      covered(1, "decided"),
      covered(2, "met"),
      covered(3, "unmet"),
      covered(4, "unrelated"),
      covered(5, "decided"),
      covered(6, "met"),
    ];
    const mutations = [tried(1, "none"), tried(1, "opens"), tried(2, "backed-up"), tried(5, "closes"), { ...tried(9, "none"), file: "g" }];
    expect(ratedLines("f", coverage, mutations).map(({ line, worth }) => `${line} ${worth}`)).toEqual([
      "1 alone",
      "2 backed-up",
      "3 unmet",
      "4 unrelated",
      "5 exposes",
      "6 untried",
    ]);
  });
});

describe("Japanese", () => {
  test("every sentence of a result is told in it, and English is left as it was", () => {
    const told = inLanguage(rich, "ja");
    const texts = (result: Result) =>
      result.cells.flatMap(({ decidedBy, remedy }) => [decidedBy?.text, remedy?.summary.text]).filter((text) => text !== undefined);
    expect(texts(told).length).toBe(texts(rich).length);
    for (const text of texts(told)) expect(text).toMatch(/[ぁ-ん]/);
    expect(inLanguage(rich, "en")).toBe(rich);
  });

  test("a code that is not known keeps its sentence", () => {
    const [cell] = failing.cells as [ResultCell];
    const decidedBy = { layer: "service" as const, code: "from-the-future", params: {}, text: "It was so." };
    expect(inLanguage({ ...failing, cells: [{ ...cell, decidedBy }] }, "ja").cells[0]?.decidedBy?.text).toBe("It was so.");
  });

  test("the page's words have the same shape in both languages", () => {
    const shape = (value: unknown): unknown =>
      typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shape(each)]))
        : typeof value;
    expect(shape(pageWords.ja)).toEqual(shape(pageWords.en));
  });
});
