import { expect, test } from "vitest";
import type { Fabric } from "../../../harness/lab/fabric.ts";
import { HeldSettings } from "../../../harness/lab/held-settings.ts";

/** Settings of one host, and what was asked of them. */
function hostWith(values: Record<string, string>) {
  const request = async (operation: string, asked: { keys?: string[]; steps?: { settings: Record<string, string> }[] }) => {
    await Promise.resolve();
    if (operation === "settings") return Object.fromEntries((asked.keys ?? []).map((key) => [key, values[key] ?? null]));
    for (const { settings } of asked.steps ?? []) Object.assign(values, settings);
    return undefined;
  };
  return { values, held: new HeldSettings({ request } as unknown as Fabric) };
}

test("they hold as long as somebody needs them, and are put back after the last", async () => {
  const { values, held } = hostWith({ "net.a": "6" });
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const seen: (string | undefined)[] = [];
  const use = (until: Promise<void>) =>
    held.during("server", { "net.a": 1 }, async () => {
      seen.push(String(values["net.a"]));
      await until;
      seen.push(String(values["net.a"]));
    });
  const all = [use(first.promise), use(second.promise)];
  first.resolve();
  await all[0];
  expect(values["net.a"]).toBe(1);
  second.resolve();
  await all[1];
  expect(values["net.a"]).toBe("6");
  // Right after the last one, while it puts back what was there.
  const ended = use(Promise.resolve());
  await use(Promise.resolve());
  await ended;
  await use(Promise.resolve());
  expect(seen).toEqual(Array.from({ length: 10 }, () => "1"));
  expect(values["net.a"]).toBe("6");
});

test("what fails puts them back as well; a setting that the host does not have is an error, and changes nothing", async () => {
  const { values, held } = hostWith({ "net.a": "6" });
  const failing = held.during("server", { "net.a": 1 }, async () => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  await expect(held.during("server", { "net.a": 1, "net.b": 1 }, async () => undefined)).rejects.toThrow("server has no net.b");
  expect(values).toEqual({ "net.a": "6" });
});
