/** What somebody has typed, and how the address holds it. */

export const versions = ["8.4", "9.2", "10.0", "10.6"] as const;

export interface FormRule {
  action: "accept" | "drop" | "reject";
  /** As typed: `43234`, `22, 8000-8100`. Empty: every port. */
  ports: string;
  /** As typed: addresses and networks of both families. Empty: everybody. */
  sources: string;
  /** Empty: every interface. */
  by: string;
  family: "" | "4" | "6";
}

export interface Situation {
  ssh: string;
  /** Text of sshd_config. Empty: the defaults. */
  config: string;
  version: (typeof versions)[number];
  /** Empty: the one of the command line. */
  account: string;
  /** Empty: not known. */
  groups: string;
  keyOptions: string;
  firewall: "none" | "form" | "text";
  policy: "drop" | "accept";
  rules: readonly FormRule[];
  ruleset: string;
  /** Nothing listens on the forward's target. */
  dead: boolean;
}

export const anyRule: FormRule = { action: "accept", ports: "", sources: "", by: "", family: "" };

export const empty: Situation = {
  ssh: "",
  config: "",
  version: "10.0",
  account: "",
  groups: "",
  keyOptions: "",
  firewall: "none",
  policy: "drop",
  rules: [{ ...anyRule, ports: "22" }],
  ruleset: "",
  dead: false,
};

/** What an address may hold, in bytes: more comes from no page of ours. */
const longest = 200_000;
const mostRules = 200;

/** Only what differs from the empty situation, as JSON in base64url. */
export function encodeSituation(situation: Situation): string {
  const changed = Object.entries(situation).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(empty[key as keyof Situation]),
  );
  const bytes = new TextEncoder().encode(JSON.stringify(Object.fromEntries(changed)));
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Undefined for whatever `encodeSituation` does not write. */
export function decodeSituation(text: string): Situation | undefined {
  if (text.length > longest || !/^[\w-]*$/.test(text)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isChange(value) ? { ...empty, ...value } : undefined;
  } catch {
    return undefined;
  }
}

const shapes: { readonly [Key in keyof Situation]: (value: unknown) => boolean } = {
  ssh: isText,
  config: isText,
  version: oneOf(versions),
  account: isText,
  groups: isText,
  keyOptions: isText,
  firewall: oneOf(["none", "form", "text"]),
  policy: oneOf(["drop", "accept"]),
  rules: (value) => Array.isArray(value) && value.length <= mostRules && value.every(isRule),
  ruleset: isText,
  dead: (value) => typeof value === "boolean",
};

const ruleShapes: { readonly [Key in keyof FormRule]: (value: unknown) => boolean } = {
  action: oneOf(["accept", "drop", "reject"]),
  ports: isText,
  sources: isText,
  by: isText,
  family: oneOf(["", "4", "6"]),
};

function isChange(value: unknown): value is Partial<Situation> {
  return isPlain(value) && Object.entries(value).every(([key, each]) => Object.hasOwn(shapes, key) && shapes[key as keyof Situation](each));
}

function isRule(value: unknown): boolean {
  return (
    isPlain(value) &&
    Object.keys(ruleShapes).every((key) => Object.hasOwn(value, key)) &&
    Object.entries(value).every(([key, each]) => Object.hasOwn(ruleShapes, key) && ruleShapes[key as keyof FormRule](each))
  );
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function oneOf(values: readonly string[]): (value: unknown) => boolean {
  return (value) => typeof value === "string" && values.includes(value);
}
