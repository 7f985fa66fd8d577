/** Who visits the forwarded port, as the server sees them: the article's lab, its NATs applied. */
import { articleLab } from "../../../harness/core/lab-spec.ts";
import type { Visit } from "./oracle.ts";

/** TCP port of the forward. */
export const port = 43234;
/** Port that the server dials on `campus`, for a forward of ssh's -L. */
export const dialledPort = 9000;
/** A port at which nothing listens, and from which destination NAT may lead to the forward's. */
export const movedPort = 443;
/** The account that opens the forwards. */
export const account = { name: "tunnel", uid: 1500 } as const;

export const addresses = {
  4: {
    server: "198.51.100.10",
    campus: "198.51.100.20",
    "other-lan": "203.0.113.50",
    internet: "192.0.2.66",
    home: "203.0.113.7",
    "home-lan": "203.0.113.7",
  },
  6: {
    server: "2001:db8:100::10",
    campus: "2001:db8:100::20",
    "other-lan": "2001:db8:50::10",
    internet: "2001:db8:66::66",
    home: "2001:db8:7::10",
    "home-lan": "2001:db8:7::20",
  },
} as const;

type Vantage = keyof (typeof addresses)[4];

/** A cell of the lab and the visit that is the same thing without a lab. */
export interface Meeting {
  vantage: Vantage;
  /** What the vantage point dials. */
  address: string;
  /** Where it is not the forward's own port. */
  port?: number;
  visit: Visit;
}

export const meetings: readonly Meeting[] = ([4, 6] as const).flatMap((family) => {
  const outside = (["campus", "other-lan", "internet", "home", "home-lan"] as const).map(
    (vantage): Meeting => ({
      vantage,
      address: addresses[family].server,
      visit: { kind: "in", family, address: addresses[family][vantage], port, owner: account.uid },
    }),
  );
  const local = [family === 4 ? "127.0.0.1" : "::1", addresses[family].server].map(
    (address): Meeting => ({
      vantage: "server",
      address,
      visit: { kind: "local", family, address, port, owner: account.uid },
    }),
  );
  const moved = (["campus", "internet"] as const).map(
    (vantage): Meeting => ({
      vantage,
      address: addresses[family].server,
      port: movedPort,
      visit: { kind: "in", family, address: addresses[family][vantage], port, dialled: movedPort, owner: account.uid },
    }),
  );
  return [...outside, ...local, ...moved];
});

/** The server's own connection to campus, made for -L by a process of the account. */
export const dials = ([4, 6] as const).map(
  (family): Visit => ({
    kind: "out",
    family,
    address: addresses[family].campus,
    port: dialledPort,
    forwarded: port,
    uid: account.uid,
  }),
);

export const spec = articleLab;
