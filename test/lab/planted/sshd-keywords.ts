/** Global keywords of sshd_config: what is bound, and what is granted at all. */
import { everyone, type PlantedCase } from "./planted-case.ts";
import { closedV4, openNft } from "./texts.ts";

const loopbackOnly = { ssh: "-R 43234:localhost:3389", right: ["server"], exposes: everyone } as const;
const notAtAll = { right: "refused", exposes: everyone } as const;

const hardened = (lines: string): string => `# /etc/ssh/sshd_config
Port 22
PermitRootLogin no
PasswordAuthentication no
X11Forwarding no
UsePAM no
${lines}
Subsystem sftp internal-sftp
`;

export const sshdKeywords: readonly PlantedCase[] = [
  {
    name: "GatewayPorts yes",
    mistake: "`yes` binds every forward to all addresses, although the client asked for none.",
    files: { sshd_config: hardened("GatewayPorts «no|yes»") },
    ...loopbackOnly,
  },
  {
    name: "GatewayPorts clientspecified",
    mistake: "With `clientspecified` a leading colon in -R is enough to listen everywhere.",
    files: { sshd_config: hardened("GatewayPorts «no|clientspecified»") },
    ...loopbackOnly,
    ssh: "-R :43234:localhost:3389",
  },
  {
    name: "the first of two lines",
    mistake: "sshd takes the first value of a keyword, and the strict line was appended at the end.",
    files: { sshd_config: hardened("«GatewayPorts no|GatewayPorts yes»\n# 2024-05: audit\n«GatewayPorts yes|GatewayPorts no»") },
    ...loopbackOnly,
  },
  {
    name: "AllowTcpForwarding in the wrong direction",
    mistake: "`remote` permits -R, and `local`, which permits -L alone, was meant.",
    files: { sshd_config: hardened("GatewayPorts clientspecified\nAllowTcpForwarding «local|remote»") },
    ...notAtAll,
  },
  {
    name: "AllowTcpForwarding commented out",
    mistake: "The commented line shows what is meant, and the default is `yes`.",
    files: { sshd_config: hardened("GatewayPorts clientspecified\n«|#»AllowTcpForwarding no") },
    ...notAtAll,
  },
  {
    name: "DisableForwarding",
    mistake: "Forwarding as a whole was to be off.",
    files: { sshd_config: hardened("GatewayPorts clientspecified\nDisableForwarding «yes|no»") },
    ...notAtAll,
  },
  {
    name: "AllowStreamLocalForwarding for AllowTcpForwarding",
    mistake: "The keyword is the one of Unix sockets, and says nothing of ports.",
    files: { sshd_config: hardened("GatewayPorts clientspecified\nAllow«Tcp|StreamLocal»Forwarding no") },
    ...notAtAll,
  },
  {
    name: "PermitListen of all addresses",
    mistake: "`*` permits every bind address, and the loopback alone was meant.",
    files: { sshd_config: hardened("GatewayPorts clientspecified\nPermitListen «127.0.0.1|*»:43234") },
    ...notAtAll,
  },
  {
    name: "PermitListen of a port alone",
    mistake: "A port without a host permits every bind address.",
    files: { sshd_config: hardened("GatewayPorts clientspecified\nPermitListen «localhost:|»43234") },
    ...notAtAll,
  },
  {
    name: "PermitListen with one port too many",
    mistake: "The port of the old tunnel is still in the list.",
    files: { sshd_config: hardened("GatewayPorts clientspecified\nPermitListen 8080 8443«| 43234»") },
    ...notAtAll,
  },
  {
    name: "PermitOpen for PermitListen",
    mistake: "PermitOpen restricts -L and -D, not where -R may listen.",
    files: { sshd_config: hardened("GatewayPorts clientspecified\nPermit«Listen|Open» none") },
    ...notAtAll,
  },
  {
    name: "AddressFamily any",
    mistake: "The firewall knows IPv4 alone, and only `inet` keeps forwards from listening on IPv6.",
    files: {
      sshd_config: hardened("AddressFamily «inet|any»\nListenAddress 198.51.100.10\nGatewayPorts yes"),
      "rules.v4": closedV4(""),
    },
    ssh: "-R 43234:localhost:3389",
    right: [],
    exposes: ["::/0"],
  },
  {
    name: "ListenAddress is not where forwards listen",
    mistake: "The administrator took ListenAddress to be the address of forwards, and left GatewayPorts open.",
    files: {
      sshd_config: hardened("ListenAddress 198.51.100.10\nListenAddress 127.0.0.1\nGatewayPorts «no|yes»"),
      "nftables.conf": openNft("tcp dport 8080 drop"),
    },
    ...loopbackOnly,
  },
];
