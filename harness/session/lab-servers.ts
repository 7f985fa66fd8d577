/** The servers of a lab: each host that runs an sshd under test, with that sshd and the rules of its firewall. */
import { mainServer } from "../core/lab-spec.ts";
import type { UnsettledRule } from "../core/verdict.ts";
import type { LoadedRules } from "../lab/apply-firewall.ts";
import type { SshServer } from "../ssh/server.ts";
import { type Before, FirstVisit, type Visit } from "./first-visit.ts";

/** One of them. `rules` are those that its kernel holds now. */
export interface LabServer {
  readonly host: string;
  readonly sshd: SshServer;
  rules: LoadedRules;
}

/** A connection that the rules of a server may see. */
export interface VisitAt extends Visit {
  host: string;
  /** The port of the server that it is to get to, where that is not the port that it goes to. */
  listener?: number;
}

/** The same once it has been seen there. */
export interface SeenVisit extends VisitAt {
  /** The address that it came from. */
  source?: string;
}

export class LabServers {
  readonly all: readonly LabServer[];
  readonly #firstVisits: ReadonlyMap<string, FirstVisit>;

  /** `server` is the first. */
  constructor(all: readonly LabServer[]) {
    this.all = all;
    this.#firstVisits = new Map(all.map((each) => [each.host, new FirstVisit(() => each.rules)]));
  }

  get main(): LabServer {
    return this.at(mainServer);
  }

  /** Undefined for a host that runs no sshd under test. */
  find(host: string): LabServer | undefined {
    return this.all.find((each) => each.host === host);
  }

  at(host: string): LabServer {
    const found = this.find(host);
    if (!found) throw new Error(`${host} is no server of the lab`);
    return found;
  }

  /** May a rule with state of its server decide about it? */
  counts({ host, ...visit }: VisitAt): boolean {
    return this.#firstVisits.get(host)?.counts(visit) ?? false;
  }

  /** Rules of their servers that depend on chance, the clock or a program, and may decide about one of them. */
  unsettledFor(visits: readonly SeenVisit[]): UnsettledRule[] {
    return visits.flatMap(({ host, ...visit }) => this.find(host)?.rules.unsettledFor(visit) ?? []);
  }

  /** Rules of their servers that may let one of them in after enough tries. */
  letsInLaterFor(visits: readonly SeenVisit[]): UnsettledRule[] {
    return visits.flatMap(({ host, ...visit }) => this.find(host)?.rules.letsInLaterFor(visit) ?? []);
  }

  /**
   * Does something that rules with state may see, as if nobody had been there before: see `FirstVisit`. Of several visits at one server, the one
   * that counts stands for all. Servers are visited in one order, so that two who visit the same ones never wait for each other.
   */
  visit<T>(visits: readonly VisitAt[], work: (before: Before) => Promise<T>): Promise<T> {
    const met = this.all.flatMap(({ host }) => {
      const here = visits.filter((each) => each.host === host);
      const chosen = here.find((each) => this.counts(each)) ?? here[0];
      return chosen ? [chosen] : [];
    });
    const nested = met.reduceRight<(before: Before) => Promise<T>>(
      (inner, { host, ...visit }) =>
        (outer) =>
          (this.#firstVisits.get(host) as FirstVisit).make(visit, (before) => inner((look) => outer(() => before(look)))),
      work,
    );
    return nested((look) => look());
  }
}
