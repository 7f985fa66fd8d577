/** Who can reach what: rows are vantage points and the addresses that they dial, columns are forwards. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Result, ResultCell, ResultForward, Status } from "../../core/result.ts";
import { typedCommand } from "../../core/typed-command.ts";
import { type Matrix as MatrixOf, type MatrixRow, matrices } from "../../report/matrix.ts";
import { targetText, visitor, whyText } from "../../report/words.ts";
import { Chips, Scroll, SearchField, Segments, Still } from "./bits.tsx";
import { listIn } from "./hash.ts";
import { type Page, usePage } from "./page.tsx";
import type { PageWords } from "./word-table.ts";

/** How the address names a cell. */
export function nameOfCell({
  forward,
  vantage,
  target,
  via,
  as,
}: Pick<ResultCell, "forward" | "vantage" | "target" | "via" | "as">): string {
  const more = via === undefined && as === undefined ? [] : [via ?? "", ...(as === undefined ? [] : [as])];
  return [forward, vantage, target, ...more].join("|");
}

const statuses: readonly Status[] = ["violated", "inconclusive", "waived", "held", "optional"];
type View = "difference" | "observed" | "expected";

/** Cells that the search and the filter leave. */
type Shown = ReadonlySet<ResultCell> | undefined;

export function Matrix({ result }: { result: Result }) {
  const page = usePage();
  const { words, state, set } = page;
  const all = useMemo(() => matrices(result), [result]);
  const counts = useMemo(() => Map.groupBy(result.cells, ({ status }) => status), [result]);
  const chosen = listIn(state, "status");
  const query = (state.q ?? "").trim().toLowerCase();
  const filter = chosen.join();
  const shown = useMemo<Shown>(() => {
    if (query === "" && filter === "") return undefined;
    const wanted = query.split(/\s+/).filter(Boolean);
    const fits = (cell: ResultCell) =>
      (filter === "" || filter.split(",").includes(cell.status)) && wanted.every((word) => searchText(cell).includes(word));
    return new Set(result.cells.filter(fits));
  }, [result, query, filter]);
  const view: View = state.view === "observed" || state.view === "expected" ? state.view : "difference";
  return (
    <>
      <div class="tools">
        <Segments
          label={words.show}
          value={view}
          choices={[
            { value: "difference", label: words.difference },
            { value: "observed", label: words.observed },
            { value: "expected", label: words.expected },
          ]}
          onChange={(value) => set({ view: value === "difference" ? "" : value })}
        />
        <SearchField name="q" label={words.search} hint={words.searchHint} />
        <Chips
          label={words.filter}
          chosen={chosen}
          choices={statuses
            .filter((status) => counts.has(status))
            .map((status) => ({ value: status, label: words.status[status], mark: `s-${status}`, count: counts.get(status)?.length ?? 0 }))}
          onChange={(next) => set({ status: next.join(",") })}
        />
        <p class="found" role="status">
          {words.found(shown?.size ?? result.cells.length, result.cells.length)}
          {shown && (
            <button type="button" class="button small no-print" onClick={() => set({ q: "", status: "" })}>
              {words.reset}
            </button>
          )}
        </p>
      </div>
      {shown?.size === 0 && <p class="hint">{words.nothingFound}</p>}
      {all.map((matrix) => (
        <Grid
          key={matrix.listensOn}
          matrix={matrix}
          named={all.length > 1 || matrix.listensOn !== "server"}
          view={view}
          shown={shown}
          page={page}
        />
      ))}
    </>
  );
}

const searchTexts = new WeakMap<ResultCell, string>();

/** All that one may search for. */
function searchText(cell: ResultCell): string {
  const known = searchTexts.get(cell);
  if (known !== undefined) return known;
  const { forward, family, observed, expected, status, decidedBy } = cell;
  const parts = [
    forward,
    visitor(cell),
    targetText(cell),
    `ipv${family}`,
    observed,
    expected,
    status,
    decidedBy?.layer,
    decidedBy?.rule,
    decidedBy?.file,
    whyText(cell),
  ];
  const text = parts.filter(Boolean).join(" ").toLowerCase();
  searchTexts.set(cell, text);
  return text;
}

interface GridProps {
  matrix: MatrixOf;
  named: boolean;
  view: View;
  shown: Shown;
  page: Page;
}

/** Rows of the first picture: more than a screen holds. */
const firstRows = 40;

/** One stop for the Tab key; arrow keys go from cell to cell. */
function Grid({ matrix, named, view, shown, page: { words, state, set } }: GridProps) {
  const table = useRef<HTMLTableElement>(null);
  const columns = useMemo(
    () => matrix.forwards.filter(({ name }) => !shown || matrix.rows.some(({ cells }) => has(shown, cells[name]))),
    [matrix, shown],
  );
  const rows = useMemo(
    () => matrix.rows.filter(({ cells }) => !shown || matrix.forwards.some(({ name }) => has(shown, cells[name]))),
    [matrix, shown],
  );
  const all = useAfterPaint();
  const groups = useMemo(() => [...Map.groupBy(all ? rows : rows.slice(0, firstRows), (row) => row.visitor)], [rows, all]);
  if (rows.length === 0) return null;
  const title = named ? words.listensOn(matrix.listensOn) : words.matrix;
  const open = (target: EventTarget | null) => {
    const name = cellAt(target)?.dataset.cell;
    if (name !== undefined) set({ cell: name }, true);
  };
  return (
    <div class="matrix-box">
      {named && <h3>{title}</h3>}
      <Scroll label={title}>
        <table
          class={`matrix view-${view}`}
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the grid pattern: its cells are chosen with arrow keys
          role="grid"
          aria-label={title}
          aria-readonly="true"
          ref={table}
          onClick={(event) => open(event.target)}
          onKeyDown={(event) => {
            if (event.key === "Enter" || event.key === " ") {
              event.preventDefault();
              open(event.target);
            } else move(table.current, event);
          }}
        >
          <thead>
            <tr>
              <th scope="col" class="corner">
                {words.from}
              </th>
              {columns.map((forward) => (
                <th key={forward.name} scope="col" class={markOf(forward)} title={typedCommand(forward.ssh)}>
                  {forward.name}
                </th>
              ))}
            </tr>
          </thead>
          {groups.map(([name, own], group) => (
            <tbody key={name}>
              {own.map((row, at) => (
                <Row
                  key={`${row.family} ${row.address}`}
                  row={row}
                  first={at === 0}
                  entrance={group === 0 && at === 0}
                  columns={columns}
                  view={view}
                  shown={shown}
                  words={words}
                  chosen={chosenIn(row, state.cell)}
                />
              ))}
            </tbody>
          ))}
        </table>
      </Scroll>
    </div>
  );
}

/** Granted as expected says nothing of who reaches it: a mark would belie the cells below. */
function markOf({ status }: ResultForward): string {
  return status === "held" || status === "optional" ? "" : `s-${status}`;
}

/** Large results are seen before all of them is drawn. */
function useAfterPaint(): boolean {
  const [painted, setPainted] = useState(false);
  useEffect(() => {
    const frame = requestAnimationFrame(() => setTimeout(() => setPainted(true)));
    return () => cancelAnimationFrame(frame);
  }, []);
  return painted;
}

function has(shown: ReadonlySet<ResultCell>, cell: ResultCell | undefined): boolean {
  return cell !== undefined && shown.has(cell);
}

/** A row is drawn again only when its own choice changes. */
function chosenIn({ cells }: MatrixRow, name: string | undefined): string {
  return name !== undefined && name !== "" && Object.values(cells).some((cell) => nameOfCell(cell) === name) ? name : "";
}

interface RowProps {
  row: MatrixRow;
  first: boolean;
  /** Its first cell is where the Tab key enters. */
  entrance: boolean;
  columns: readonly ResultForward[];
  view: View;
  shown: Shown;
  words: PageWords;
  chosen: string;
}

class Row extends Still<RowProps> {
  render() {
    const { row, first, entrance, columns, view, shown, words, chosen } = this.props;
    let entered = !entrance;
    return (
      <tr class={first ? "first" : ""}>
        <th scope="row">
          <span class={first ? "visitor" : "visitor vh"}>{visitorOf(row, words)}</span>
          <span class="address">
            <span class="family">{words.family(row.family)}</span> {row.address}
          </span>
        </th>
        {columns.map(({ name }) => {
          const cell = row.cells[name];
          if (!cell) return <td key={name} class="none" />;
          const key = nameOfCell(cell);
          const tab = entered ? -1 : 0;
          entered = true;
          return (
            // biome-ignore lint/a11y/useAriaPropsSupportedByRole: in a grid it is a gridcell
            <td
              key={name}
              tabIndex={tab}
              data-cell={key}
              class={`cell ${classOf(cell, view)}${shown && !shown.has(cell) ? " dim" : ""}`}
              aria-selected={key === chosen}
              aria-label={labelOf(cell, words)}
            >
              {textOf(cell, view, words)}
            </td>
          );
        })}
      </tr>
    );
  }
}

function classOf(cell: ResultCell, view: View): string {
  if (view === "difference") return `s-${cell.status}`;
  if (view === "expected")
    return cell.expected === null ? "e-none" : `e-${cell.expected === "reachable" || cell.expected === "reached" ? "reach" : "block"}`;
  return `v-${cell.observed}`;
}

function textOf(cell: ResultCell, view: View, words: PageWords) {
  if (view === "expected") return cell.expected ?? "–";
  if (view === "observed") return cell.observed;
  const differs = cell.status === "violated" || cell.status === "waived";
  return differs ? (
    <>
      {cell.observed}{" "}
      <small>
        {words.expected}: {cell.expected}
      </small>
    </>
  ) : (
    cell.observed
  );
}

function visitorOf({ cells, visitor: name }: MatrixRow, words: PageWords): string {
  const [cell] = Object.values(cells);
  return cell ? words.visitor(cell) : name;
}

function labelOf(cell: ResultCell, words: PageWords): string {
  return words.cellLabel({
    who: words.visitor(cell),
    target: targetText(cell),
    forward: cell.forward,
    family: cell.family,
    expected: words.expectation(cell.expected),
    observed: cell.observed,
    status: words.status[cell.status],
  });
}

function cellAt(target: EventTarget | null): HTMLElement | undefined {
  return target instanceof Element ? (target.closest<HTMLElement>("[data-cell]") ?? undefined) : undefined;
}

function move(table: HTMLTableElement | null, event: KeyboardEvent): void {
  const here = cellAt(event.target);
  const rows = [...(table?.querySelectorAll("tbody tr") ?? [])].map((row) => [...row.querySelectorAll<HTMLElement>("td")]);
  const y = rows.findIndex((row) => here !== undefined && row.includes(here));
  const x = here === undefined ? -1 : (rows[y]?.indexOf(here) ?? -1);
  if (y === -1 || x === -1) return;
  const next = nextCell(rows, x, y, event.key);
  if (next === undefined) return;
  event.preventDefault();
  for (const each of table?.querySelectorAll<HTMLElement>('td[tabindex="0"]') ?? []) each.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

/** Places without a cell are passed over. */
function nextCell(rows: readonly (readonly HTMLElement[])[], x: number, y: number, key: string): HTMLElement | undefined {
  const real = (cells: readonly (HTMLElement | undefined)[]) => cells.find((each) => each?.dataset.cell !== undefined);
  const row = rows[y] ?? [];
  const column = rows.map((each) => each[x]);
  switch (key) {
    case "ArrowRight":
      return real(row.slice(x + 1));
    case "ArrowLeft":
      return real(row.slice(0, x).reverse());
    case "ArrowDown":
      return real(column.slice(y + 1));
    case "ArrowUp":
      return real(column.slice(0, y).reverse());
    case "Home":
      return real(row);
    case "End":
      return real(row.toReversed());
    default:
      return undefined;
  }
}
