/** The part of the policy about addresses: who is where. */
import { z } from "zod";
import { addressRange, cidr, hostAddress, hostName, port, portKey, publicAddress } from "./schema-values.ts";
import { publishing } from "./server-schema.ts";

const interfaceName = z.string().regex(/^[^\s/]{1,15}$/);

const serverInterface = z.strictObject({
  interface: interfaceName.optional().describe("Interface name as used in firewall rules (iifname). Default: eth0, eth1, …"),
  address: z
    .array(cidr)
    .min(1)
    .optional()
    .describe(
      "The server's addresses on this interface, with prefix length, of both families unless `ipv6: false`. Default: public addresses for the first interface, an unrouted private network for the others.",
    ),
  ipv6: z.literal(false).optional().describe("`false`: this interface has no IPv6. Required if `address` lists no IPv6 address."),
  ...publishing,
});

const furtherInterface = serverInterface
  .extend({
    lan: hostName
      .or(interfaceName)
      .optional()
      .describe(
        "The LAN it is connected to: `server`, the name of one of `server`'s interfaces, another server of `servers`, or a vantage point that is `behind` a router. Default: a network of its own.",
      ),
  })
  .describe("An interface of a server of `servers`.");

const behind = z
  .union([z.enum(["none", "nat"]), z.tuple([z.literal("nat")]), z.tuple([z.literal("nat"), z.literal("cgnat")])], {
    error: () => "`none`, `nat` or `[nat, cgnat]`",
  })
  .describe(
    "`nat`: a home router with NAT; `[nat, cgnat]`: a home router behind the provider's NAT; `none`: a router that neither translates nor filters.",
  );

/** Of every kind of vantage point. */
const standing = {
  stands_for: z
    .array(addressRange)
    .min(1)
    .optional()
    .describe(
      "Its network, as prefixes, addresses or ranges. With --world, the same is expected of all of these addresses as of its own, and it stands for no others. Default: every address that the firewall treats like its own.",
    ),
};

const onLan = z
  .strictObject({
    lan: hostName
      .or(interfaceName)
      .describe("Whose LAN: `server`, the name of one of the server's interfaces, `home`, or a vantage point that is `behind` a router."),
    address: z.array(cidr).min(1).optional().describe("Its addresses on that LAN, with prefix length. Default: free ones."),
    ...standing,
  })
  .describe("A host on an existing LAN.");

const behindRouter = z
  .strictObject({
    behind,
    public: publicAddress.describe("The public IPv4 address that others see."),
    address: z
      .array(cidr)
      .min(1)
      .optional()
      .describe("Its own addresses: private IPv4 and routed IPv6, with prefix length. Default: chosen by the lab."),
    ...standing,
  })
  .describe("A host behind a router of its own.");

const onInternet = z
  .strictObject({ address: z.array(hostAddress).min(1).describe("Its addresses, without prefix length."), ...standing })
  .describe("A host directly on the internet.");

const vantageSchema = z.union([onLan, behindRouter, onInternet]).describe("Where a vantage point is.");

const homeNetwork = z
  .strictObject({
    behind: behind.optional(),
    public: publicAddress
      .optional()
      .describe("Home's IPv4 address as the server sees it. Default: 203.0.113.7, or another one if a network of the policy contains it."),
    address: z
      .array(cidr)
      .min(1)
      .optional()
      .describe("Home's own addresses: private IPv4 and routed IPv6, with prefix length. Default: chosen by the lab."),
    port_forward: z
      .record(portKey, port)
      .optional()
      .describe("Ports that home's router forwards to home: port on the router, port on home."),
  })
  .describe("How home is connected. Default: NAT behind CG-NAT, seen as 203.0.113.7.");

export const networkSchema = z
  .strictObject({
    server: z
      .union([serverInterface, z.array(serverInterface).min(1)])
      .optional()
      .describe("The server's interface, or a list of them."),
    servers: z
      .record(hostName, z.union([furtherInterface, z.array(furtherInterface).min(1)]))
      .optional()
      .describe("By server of `servers`: its interface, or a list of them."),
    vantages: z
      .record(hostName, vantageSchema)
      .optional()
      .describe(
        "Vantage points: additional ones, or your own addresses for those that always exist (campus, other-lan, internet, home-lan).",
      ),
    home: homeNetwork.optional(),
  })
  .describe("Addresses and interfaces. Default: the network that the README shows.");

export type PolicyVantage = z.infer<typeof vantageSchema>;
export type PolicyServerInterface = z.infer<typeof serverInterface>;
export type PolicyFurtherInterface = z.infer<typeof furtherInterface>;
