/** Match blocks: whom they hold for, where they end, which of them comes first. alice is in the group staff. */
import { everyone, type PlantedCase } from "./planted-case.ts";

const loopbackOnly = { ssh: "-R 43234:localhost:3389", right: ["server"], exposes: everyone } as const;
const notAtAll = { right: "refused", exposes: everyone } as const;

export const matchBlocks: readonly PlantedCase[] = [
  {
    name: "the wrong user",
    mistake: "The exception was copied for the wrong account.",
    files: { sshd_config: "GatewayPorts no\n\nMatch User «deploy|alice»\n    GatewayPorts yes\n" },
    ...loopbackOnly,
  },
  {
    name: "the wrong group",
    mistake: "The exception for administrators names a group that everyone is in.",
    files: {
      sshd_config: "GatewayPorts clientspecified\nAllowTcpForwarding no\n\nMatch Group «admins|staff»\n    AllowTcpForwarding remote\n",
    },
    ...notAtAll,
  },
  {
    name: "a block swallows a global line",
    mistake: "Lines after a Match block belong to it up to the next Match, however they are indented.",
    files: {
      sshd_config: `GatewayPorts clientspecified
«AllowTcpForwarding no
|»Match User deploy
    X11Forwarding yes
    PermitTTY no
«|
# global
AllowTcpForwarding no
»`,
    },
    ...notAtAll,
  },
  {
    name: "Match all left out",
    mistake: "Without `Match all` the last line belongs to the block above it.",
    files: {
      sshd_config: `GatewayPorts clientspecified
Match User deploy
    ForceCommand internal-sftp
«Match all|#»
    AllowTcpForwarding no
`,
    },
    ...notAtAll,
  },
  {
    name: "two blocks that hold",
    mistake: "Of two blocks that hold, the first value counts, and the more general block stands first.",
    files: {
      sshd_config: `«Match User alice
    GatewayPorts no
|»Match Group staff
    GatewayPorts yes
«|Match User alice
    GatewayPorts no
»`,
    },
    ...loopbackOnly,
  },
  {
    name: "an address range too wide",
    mistake: "The prefix of the office is one bit too short, and has home's address in it.",
    files: { sshd_config: "Match Address 203.0.113.«48/28|0/26»\n    GatewayPorts yes\n" },
    ...loopbackOnly,
  },
  {
    name: "a negated user",
    mistake: "The exclamation mark stands before the wrong account: it exempts alice from the ban.",
    files: { sshd_config: "GatewayPorts clientspecified\nMatch User *,!«deploy|alice»\n    AllowTcpForwarding no\n" },
    ...notAtAll,
  },
  {
    name: "a pattern too wide",
    mistake: "The pattern matches more groups than those of the administrators.",
    files: { sshd_config: "AllowTcpForwarding no\nGatewayPorts clientspecified\nMatch Group «net-|»*\n    AllowTcpForwarding yes\n" },
    ...notAtAll,
  },
  {
    name: "the port that everyone uses",
    mistake: "The block was for the second port of sshd, and names the first.",
    files: { sshd_config: "Port 22\nPort 2222\nMatch LocalPort «2222|22»\n    GatewayPorts yes\n" },
    ...loopbackOnly,
  },
  {
    name: "one criterion less",
    mistake: "Whoever may open the forward from the office may open it from everywhere.",
    files: {
      sshd_config:
        "AllowTcpForwarding no\nGatewayPorts clientspecified\nMatch User alice«  Address 198.51.100.0/24|»\n    AllowTcpForwarding yes\n",
    },
    ...notAtAll,
  },
  {
    name: "Match all as a place for global lines",
    mistake: "`Match all` overrides what is global, as every block does.",
    files: { sshd_config: "GatewayPorts no\n\nMatch «User backup|all»\n    GatewayPorts yes\n    PermitTTY no\n" },
    ...loopbackOnly,
  },
];
