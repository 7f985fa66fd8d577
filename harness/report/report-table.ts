/** The formats that some document can be reported in, by the names that `--report` takes. */
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { withoutCommands } from "./inert-lines.ts";

export type Formats<Document, Options> = Readonly<Record<string, (document: Document, options: Options) => string>>;

export interface ReportTable<Document, Options> {
  names: readonly string[];
  /** Throws UserError `report-format` for a name that is no format. */
  check(format: string): void;
  /** Throws as `check` does. */
  render(format: string, document: Document, options: Options): string;
}

/** Formats in which a quoted text may begin a line. */
const printed = new Set(["text", "tap", "markdown", "junit"]);

export function reportTable<Document, Options>(formats: Formats<Document, Options>): ReportTable<Document, Options> {
  const names = Object.keys(formats);
  const rendererOf = (format: string) => {
    const renderer = Object.hasOwn(formats, format) ? formats[format] : undefined;
    if (renderer) return renderer;
    throw new UserError("report-format", `unknown report format \`${format}\``, {
      fault: faultOf("report-format", { known: names }),
      found: format,
      expected: names.join(", "),
    });
  };
  return {
    names,
    check: (format) => void rendererOf(format),
    render: (format, document, options) => {
      const report = rendererOf(format)(document, options);
      return printed.has(format) ? withoutCommands(report) : report;
    },
  };
}

/** For documents of two kinds: those that name theirs, and those that do not. */
export function either<Plain extends object, Kind extends { kind: string }, Options>(
  plain: (document: Plain, options: Options) => string,
  ofKind: (document: Kind, options: Options) => string,
): (document: Plain | Kind, options: Options) => string {
  return (document, options) => ("kind" in document ? ofKind(document as Kind, options) : plain(document as Plain, options));
}

export function asJson(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
