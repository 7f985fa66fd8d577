/** A unit file as systemd reads it: sections and settings, each with its line. Source: systemd.syntax(7). */
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";

export interface UnitSetting {
  section: string;
  /** As written: systemd is case-sensitive. */
  key: string;
  /** Lines joined, without the blanks around it. */
  value: string;
  /** As the user names it. */
  file: string;
  /** 1-based, of the key. */
  line: number;
}

/**
 * Settings in their order. A backslash at the end of a line joins the next one to it, with a space; comments in between are left out.
 * @throws UserError `unit-file` for a line that is neither a section, a setting nor a comment
 */
export function readUnitFile(text: string, file: string): UnitSetting[] {
  const settings: UnitSetting[] = [];
  let section = "";
  for (const { content, line } of logicalLines(text)) {
    const name = /^\[([^\]]*)\]$/.exec(content)?.[1];
    if (name !== undefined) {
      section = name;
      continue;
    }
    const at = content.indexOf("=");
    if (at <= 0 || section === "")
      throw new UserError("unit-file", `${file} is not a systemd unit`, {
        fault: faultOf("unit-not-a-unit", { file, section: section === "" }),
        place: { file, line },
        found: content.length > 80 ? `${content.slice(0, 80)}…` : content,
        expected: section === "" ? "a section such as [Service] before everything else" : "Setting=value",
        todo: "`systemctl cat NAME` prints a unit with its drop-ins; copy the files that it names",
      });
    settings.push({ section, key: content.slice(0, at).trimEnd(), value: content.slice(at + 1).trim(), file, line });
  }
  return settings;
}

function logicalLines(text: string): { content: string; line: number }[] {
  const found: { content: string; line: number }[] = [];
  let open: { content: string; line: number } | undefined;
  for (const [index, raw] of text.split("\n").entries()) {
    const written = raw.replace(/\r$/, "").trimStart();
    if (/^[#;]/.test(written) || (!open && written.trim() === "")) continue;
    // A backslash that is itself escaped joins nothing.
    const continues = (/\\+$/.exec(written)?.[0].length ?? 0) % 2 === 1;
    const piece = continues ? `${written.slice(0, -1)} ` : written;
    if (open) open.content += piece;
    else open = { content: piece, line: index + 1 };
    if (continues) continue;
    found.push({ ...open, content: open.content.trim() });
    open = undefined;
  }
  if (open) found.push({ ...open, content: open.content.trim() });
  return found;
}

/** The last value of a setting in [Service] that takes one; undefined where it is not set, or set to nothing. */
export function lastOf(settings: readonly UnitSetting[], key: string, section: "Service" | "Unit" = "Service"): UnitSetting | undefined {
  const last = settings.findLast((each) => each.section === section && each.key === key);
  return last?.value === "" ? undefined : last;
}

/** All of a setting in [Service] that adds up; an empty one forgets those before it. */
export function allOf(settings: readonly UnitSetting[], key: string): UnitSetting[] {
  const every = settings.filter((each) => each.section === "Service" && each.key === key);
  return every.slice(every.findLastIndex(({ value }) => value === "") + 1);
}
