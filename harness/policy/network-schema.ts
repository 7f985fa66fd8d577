/** The part of the policy about addresses: who is where. */
import { z } from "zod";
import { cidr, hostAddress, hostName, port, portKey, publicAddress } from "./schema-values.ts";
import { publishing } from "./server-schema.ts";

const interfaceName = z.string().regex(/^[^\s/]{1,15}$/);

const serverInterface = z.strictObject({
  interface: interfaceName.optional().describe("Interface name as firewall rules know it (iifname). Left out: eth0, eth1, …"),
  address: z
    .array(cidr)
    .min(1)
    .optional()
    .describe(
      "The server's addresses on it, with prefix length, of both families unless `ipv6: false`. Left out: public ones for the first interface, a private network that nobody routes to for others.",
    ),
  ipv6: z.literal(false).optional().describe("`false`: this interface has no IPv6. Needed when `address` lists no IPv6 address."),
  ...publishing,
});

const behind = z
  .union([z.enum(["none", "nat"]), z.tuple([z.literal("nat")]), z.tuple([z.literal("nat"), z.literal("cgnat")])], {
    error: () => "`none`, `nat` or `[nat, cgnat]`",
  })
  .describe(
    "`nat`: a home router with NAT; `[nat, cgnat]`: and the provider's NAT in front of it; `none`: a router that neither translates nor filters.",
  );

const onLan = z
  .strictObject({
    lan: hostName
      .or(interfaceName)
      .describe("Whose LAN: `server`, the name of one of the server's interfaces, `home`, or a vantage that is `behind` a router."),
    address: z.array(cidr).min(1).optional().describe("Its addresses on that LAN, with prefix length. Left out: free ones are chosen."),
  })
  .describe("A machine on somebody's LAN.");

const behindRouter = z
  .strictObject({
    behind,
    public: publicAddress.describe("The IPv4 address that others see."),
    address: z
      .array(cidr)
      .min(1)
      .optional()
      .describe("Its own addresses: private IPv4 and routed IPv6, with prefix length. Left out: chosen."),
  })
  .describe("A machine behind a router of its own.");

const onInternet = z
  .strictObject({ address: z.array(hostAddress).min(1).describe("Its addresses, without prefix length.") })
  .describe("A machine straight on the internet.");

const vantageSchema = z.union([onLan, behindRouter, onInternet]).describe("Where a vantage point is.");

const homeNetwork = z
  .strictObject({
    behind: behind.optional(),
    public: publicAddress.optional().describe("The IPv4 address that the server sees as home's. Left out: 203.0.113.7."),
    address: z
      .array(cidr)
      .min(1)
      .optional()
      .describe("Home's own addresses: private IPv4 and routed IPv6, with prefix length. Left out: chosen."),
    port_forward: z
      .record(portKey, port)
      .optional()
      .describe("Ports that home's router forwards to home: port on the router, port on home."),
  })
  .describe("How home is connected. Left out: NAT behind CG-NAT, seen as 203.0.113.7.");

export const networkSchema = z
  .strictObject({
    server: z
      .union([serverInterface, z.array(serverInterface).min(1)])
      .optional()
      .describe("The server's interface, or a list of them."),
    vantages: z
      .record(hostName, vantageSchema)
      .optional()
      .describe(
        "Vantage points: the ones that always exist (campus, other-lan, internet, home-lan) with addresses of your own, and further ones.",
      ),
    home: homeNetwork.optional(),
  })
  .describe("Addresses and interfaces. Left out: the article's lab.");

export type PolicyVantage = z.infer<typeof vantageSchema>;
export type PolicyServerInterface = z.infer<typeof serverInterface>;
