/** Controls of the lab, and what was measured of its NATs: a name and a sentence in English, and codes with parameters for other languages. */

interface CheckParams {
  "ingress-reached": { vantage: string; server: string; address: string; seen?: readonly string[] };
  "cannot-leave": { vantage: string; address: string; connect?: string };
  "no-side-path": { vantage: string; other: string; address: string };
  /** Left out: the fabric's own namespace. */
  "own-interfaces": { host?: string; found?: string; expected?: string };
  "host-settings": { host: string; wrong?: readonly string[] };
}

export type CheckCode = keyof CheckParams;
/** Those of what was found instead are there where the check failed. */
export type ParamsOfCheck<Code extends CheckCode> = CheckParams[Code];

export type Check = { name: string; ok: boolean; detail?: string } & {
  [Code in CheckCode]: { code: Code; params: CheckParams[Code] };
}[CheckCode];

export interface NatFact {
  router: string;
  kind: string;
  measured: string;
  params: NatParams;
}

export type NatParams = {
  behindNat: boolean;
  /** Left out, and all below: no host is behind it. */
  vantage?: string;
  port?: number;
  /** As what each observer sees it; one: the same for each. */
  seenAs?: readonly string[];
  outside?: string;
  /** An unsolicited connection: dropped at this router, or what `connect` says. */
  droppedAt?: string;
  connect?: string;
};
