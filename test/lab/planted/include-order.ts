/** Include: the order of the files, which of them are read, and what a line in them belongs to. */
import { everyone, type PlantedCase } from "./planted-case.ts";

const loopbackOnly = { ssh: "-R 43234:localhost:3389", right: ["server"], exposes: everyone } as const;
const notAtAll = { right: "refused", exposes: everyone } as const;

const debian = (lines = "") => `# /etc/ssh/sshd_config
Include /etc/ssh/sshd_config.d/*.conf
${lines}
KbdInteractiveAuthentication no
PrintMotd no
Subsystem sftp /usr/lib/openssh/sftp-server
`;
const folder = "etc/ssh/sshd_config.d";

export const includeOrder: readonly PlantedCase[] = [
  {
    name: "hardening is read last",
    mistake: "The first value counts, and the file that forbids forwarding is read after the one that permits it.",
    files: {
      "etc/ssh/sshd_config": debian("GatewayPorts clientspecified"),
      [`${folder}/«10|60»-hardening.conf`]: "AllowTcpForwarding no\n",
      [`${folder}/50-vendor.conf`]: "AllowTcpForwarding yes\nX11Forwarding yes\n",
    },
    ...notAtAll,
  },
  {
    name: "a name that is read after all",
    mistake: "The file was to be switched off, and its name still ends in .conf.",
    files: {
      "etc/ssh/sshd_config": debian(),
      [`${folder}/tunnels«.conf.off|-off.conf»`]: "GatewayPorts yes\n",
    },
    ...loopbackOnly,
  },
  {
    name: "Include before the main file's own line",
    mistake: "What is included at the top comes before the line of the main file.",
    files: {
      "etc/ssh/sshd_config": "«GatewayPorts no\n|»Include /etc/ssh/sshd_config.d/*.conf\n«|GatewayPorts no\n»PermitRootLogin no\n",
      [`${folder}/50-cloud.conf`]: "GatewayPorts yes\n",
    },
    ...loopbackOnly,
  },
  {
    name: "Include inside a Match block",
    mistake: "The Include stands below a Match block, and so all of the file holds for that account alone.",
    files: {
      "etc/ssh/sshd_config": `GatewayPorts clientspecified
«Include /etc/ssh/sshd_config.d/*.conf
|»Match User deploy
    PermitTTY no
«|Include /etc/ssh/sshd_config.d/*.conf
»`,
      [`${folder}/10-hardening.conf`]: "AllowTcpForwarding no\nX11Forwarding no\n",
    },
    ...notAtAll,
  },
  {
    name: "a block in an included file",
    mistake: "A Match block ends with the file that it stands in, but within that file it takes the following lines.",
    files: {
      "etc/ssh/sshd_config": debian("GatewayPorts clientspecified\n«AllowTcpForwarding no|»"),
      [`${folder}/20-deploy.conf`]: "Match User deploy\n    PermitTTY no\n«|AllowTcpForwarding no\n»",
    },
    ...notAtAll,
  },
  {
    name: "a pattern that misses a file",
    mistake: "The pattern takes files whose names begin with 1 alone, and the ban stands in 20-….",
    files: {
      "etc/ssh/sshd_config": "GatewayPorts clientspecified\nInclude /etc/ssh/sshd_config.d/«|1»*.conf\n",
      [`${folder}/10-algorithms.conf`]: "Ciphers aes256-gcm@openssh.com,aes128-gcm@openssh.com\n",
      [`${folder}/20-no-forwarding.conf`]: "AllowTcpForwarding no\n",
    },
    ...notAtAll,
  },
  {
    name: "numbers are sorted as text",
    mistake: "`09-` is read before `10-`, `9-` after it.",
    files: {
      "etc/ssh/sshd_config": debian(),
      [`${folder}/«9|09»-tunnels.conf`]: "GatewayPorts yes\n",
      [`${folder}/10-hardening.conf`]: "GatewayPorts no\n",
    },
    ...loopbackOnly,
  },
  {
    name: "two files of one Include",
    mistake: "The files of one Include line are read in its order.",
    files: {
      "etc/ssh/sshd_config":
        "Include «sshd_config.d/base.conf sshd_config.d/tunnels.conf|sshd_config.d/tunnels.conf sshd_config.d/base.conf»\n",
      [`${folder}/base.conf`]: "GatewayPorts no\n",
      [`${folder}/tunnels.conf`]: "GatewayPorts yes\n",
    },
    ...loopbackOnly,
  },
];
