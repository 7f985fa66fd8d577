/** What people reported, with the harmful change that they were told, and what should be told instead. Each has an sshd, keys and a firewall of its own. */
import { accounts, type Forward, policyText, type Server } from "./server.ts";
import type { Trial } from "./try-server.ts";

export interface Situation {
  name: string;
  /** The harm that people were advised to do. */
  advised: string;
  forwards: Record<string, Forward>;
  sshd?: string;
  keys?: Partial<Record<(typeof accounts)[number], string>>;
  firewall?: { named: string; files: Record<string, string> };
  end: Trial["end"];
  /** Among what is told. Left out: nothing can be. */
  told?: RegExp;
}

const rdp = (ssh: string, reach: readonly unknown[], as: Forward["as"] = "alice"): Record<string, Forward> => ({ rdp: { as, ssh, reach } });
const local = (port = 5432, as: Forward["as"] = "alice"): Record<string, Forward> => ({
  database: { as, ssh: `-L 43213:localhost:${port}`, reach: ["home"] },
});

const base4 = (rules: string, policy = "DROP") =>
  `*filter\n:INPUT ${policy} [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -p icmp -j ACCEPT\n-A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT\n${rules}COMMIT\n`;
const base6 = (rules = "", policy = "DROP") => base4(rules, policy).replace("-p icmp", "-p ipv6-icmp");
const dumps = (v4: string, v6: string) => ({ named: "[rules.v4, rules.v6]", files: { "rules.v4": v4, "rules.v6": v6 } });
const nft = (rules: string, more = "") => ({
  named: "nftables.conf",
  files: {
    "nftables.conf": `table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t\tct state vmap { established : accept, related : accept, invalid : drop }\n\t\tiifname "lo" accept\n\t\tmeta l4proto { icmp, ipv6-icmp } accept\n\t\ttcp dport ssh accept\n${rules
      .split("\n")
      .filter((rule) => rule !== "")
      .map((rule) => `\t\t${rule}\n`)
      .join("")}\t}\n${more}}\n`,
  },
});
const withoutIcmp6 = ({ named, files }: ReturnType<typeof nft>) => ({
  named,
  files: { "nftables.conf": files["nftables.conf"].replace("{ icmp, ipv6-icmp }", "icmp") },
});
const zone = (elements: string) => ({
  named: "etc/firewalld",
  files: {
    "etc/firewalld/firewalld.conf": "DefaultZone=public\n",
    "etc/firewalld/zones/public.xml": `<?xml version="1.0" encoding="utf-8"?>\n<zone>\n  <short>Public</short>\n  <service name="ssh"/>\n${elements}</zone>\n`,
  },
});
const oracle = "-A INPUT -j REJECT --reject-with icmp-host-prohibited\n";

export const situations: readonly Situation[] = [
  {
    name: "a reverse tunnel that only the server reaches",
    advised: "GatewayPorts yes for everybody",
    sshd: "X11Forwarding no\n",
    forwards: rdp("-R :43210:localhost:3389", ["anyone"]),
    end: "green again",
    told: /GatewayPorts clientspecified` for alice/,
  },
  {
    name: "the same, with a port and no colon",
    advised: "GatewayPorts yes, as the colon would not be needed then",
    sshd: "",
    forwards: rdp("-fN -R 43210:localhost:3389", ["anyone"]),
    end: "green again",
    told: /for alice.*colon/,
  },
  {
    name: "GatewayPorts no in the distribution's drop-in",
    advised: "a second line at the end of sshd_config, which is not read",
    sshd: "GatewayPorts no\nX11Forwarding yes\n",
    forwards: rdp("-R :43210:localhost:3389", ["anyone"]),
    end: "green again",
    told: /for alice/,
  },
  {
    name: "GatewayPorts appended below a Match block",
    advised: "the line once more, at the end",
    sshd: "Match User carol\n    ForceCommand internal-sftp\nGatewayPorts yes\n",
    forwards: rdp("-R :43210:localhost:3389", ["anyone"]),
    end: "green again",
    told: /GatewayPorts clientspecified` for alice/,
  },
  {
    name: "a database tunnel for the server alone that everybody reaches",
    advised: "a firewall would do",
    sshd: "GatewayPorts yes\n",
    forwards: rdp("-R 43210:localhost:5432", ["server"]),
    end: "green again",
    told: /GatewayPorts clientspecified/,
  },
  {
    name: "GatewayPorts yes that another tunnel needs",
    advised: "GatewayPorts no",
    sshd: "GatewayPorts yes\n",
    forwards: { ...rdp("-R 43210:localhost:5432", ["server"]), web: { as: "bob", ssh: "-R 43211:localhost:80", reach: ["anyone"] } },
    end: "green again",
    told: /for alice/,
  },
  {
    name: "0.0.0.0 where the server's own processes were meant",
    advised: "0.0.0.0 so that it works",
    sshd: "GatewayPorts clientspecified\n",
    forwards: rdp("-R 0.0.0.0:43210:localhost:3389", [{ vantage: "server", address: "127.0.0.1" }]),
    end: "green again",
    told: /listen on loopback only/,
  },
  {
    name: "a forward bound to 127.0.0.1 that the LAN should reach",
    advised: "bind to 0.0.0.0",
    sshd: "GatewayPorts clientspecified\n",
    forwards: rdp("-R 127.0.0.1:43210:localhost:3389", ["campus"]),
    end: "no remedy",
  },
  {
    name: "administratively prohibited",
    advised: "AllowTcpForwarding yes for everybody",
    sshd: "AllowTcpForwarding no\n",
    forwards: local(),
    end: "green again",
    told: /AllowTcpForwarding local` and `PermitOpen localhost:5432` for alice/,
  },
  {
    name: "forwarding is for a group alone",
    advised: "AllowTcpForwarding yes above the Match block",
    sshd: "AllowTcpForwarding no\nMatch Group staff\n    AllowTcpForwarding yes\n",
    forwards: local(),
    end: "green again",
    told: /for alice/,
  },
  {
    name: "hardened by an Ansible role",
    advised: "AllowTcpForwarding yes and PermitOpen any",
    sshd: "AllowTcpForwarding no\nAllowAgentForwarding no\nGatewayPorts no\nPermitTunnel no\n",
    forwards: { ...local(), ...rdp("-R 43210:localhost:3389", ["server"], "bob") },
    end: "green again",
    told: /PermitListen localhost:43210` for bob/,
  },
  {
    name: "DisableForwarding in a hardening guide",
    advised: "DisableForwarding no",
    sshd: "DisableForwarding yes\n",
    forwards: rdp("-R 43210:localhost:3389", ["server"]),
    end: "green again",
    told: /DisableForwarding no`, `AllowTcpForwarding remote` and `PermitListen localhost:43210` for alice/,
  },
  {
    name: "PermitOpen by address, asked for by name",
    advised: "PermitOpen any",
    sshd: "PermitOpen 127.0.0.1:5432\n",
    forwards: local(),
    end: "green again",
    told: /PermitOpen 127\.0\.0\.1:5432 localhost:5432/,
  },
  {
    name: "PermitListen by address, asked for without one",
    advised: "PermitListen any",
    sshd: "PermitListen 127.0.0.1:43210\n",
    forwards: rdp("-R 43210:localhost:3389", ["server"]),
    end: "green again",
    told: /PermitListen 127\.0\.0\.1:43210 localhost:43210/,
  },
  {
    name: "two tunnels that one list lacks",
    advised: "PermitListen any",
    sshd: "Match User alice\n    PermitListen 8080\n",
    forwards: {
      one: { as: "alice", ssh: "-R 43210:localhost:3389", reach: ["server"] },
      two: { as: "alice", ssh: "-R 43221:localhost:3390", reach: ["server"] },
    },
    end: "green again",
    told: /PermitListen 8080 localhost:43210 localhost:43221/,
  },
  {
    name: "an account for SFTP that should not forward",
    advised: "AllowTcpForwarding no for everybody",
    sshd: "Subsystem sftp internal-sftp\nMatch User bob\n    ForceCommand internal-sftp\n",
    forwards: { sftp: { as: "bob", ssh: "-L 43213:localhost:5433", refused: true }, ...local() },
    end: "green again",
    told: /PermitOpen none` for bob/,
  },
  {
    name: "a key with restrict",
    advised: "the options are to be removed",
    sshd: "GatewayPorts no\n",
    keys: { alice: "restrict" },
    forwards: rdp("-R 43210:localhost:3389", ["server"]),
    end: "green again",
    told: /restrict,port-forwarding,permitlisten="localhost:43210",permitopen/,
  },
  {
    name: "a key with no-port-forwarding from a backup guide",
    advised: "a key without options",
    keys: { alice: 'command="borg serve",no-port-forwarding,no-pty' },
    forwards: local(),
    end: "green again",
    told: /no-pty,permitlisten="localhost:1",permitopen="localhost:5432"|no-pty/,
  },
  {
    name: "permitlisten for another spelling",
    advised: 'permitlisten="*"',
    keys: { alice: 'restrict,port-forwarding,permitlisten="127.0.0.1:43210"' },
    forwards: rdp("-R 43210:localhost:3389", ["server"]),
    end: "green again",
    told: /permitlisten="localhost:43210"/,
  },
  {
    name: "Oracle's image: an accept behind the REJECT",
    advised: "iptables -F",
    sshd: "GatewayPorts clientspecified\n",
    forwards: rdp("-R :43210:localhost:3389", ["anyone"]),
    firewall: dumps(
      base4(`${oracle}-A INPUT -p tcp -m tcp --dport 43210 -j ACCEPT\n`, "ACCEPT"),
      base6("-A INPUT -p tcp -m tcp --dport 43210 -j ACCEPT\n"),
    ),
    end: "green again",
    told: /move your rule/,
  },
  {
    name: "Oracle's image: an accept for many ports behind the REJECT",
    advised: "iptables -P INPUT ACCEPT",
    sshd: "GatewayPorts clientspecified\n",
    forwards: rdp("-R :43210:localhost:3389", ["anyone"]),
    firewall: dumps(
      base4(`${oracle}-A INPUT -p tcp -m multiport --dports 5900,43210 -j ACCEPT\n`, "ACCEPT"),
      base6("-A INPUT -p tcp -m tcp --dport 43210 -j ACCEPT\n"),
    ),
    end: "green again",
    told: /--dport 43210 -j ACCEPT/,
  },
  {
    name: "only the office may come in, and nobody does",
    advised: "the port for 0.0.0.0/0",
    sshd: "GatewayPorts clientspecified\n",
    forwards: rdp("-R :43210:localhost:3389", ["other-lan"]),
    firewall: dumps(base4(""), base6("")),
    end: "green again",
    told: /-s 203\.0\.113\.50\/32/,
  },
  {
    name: "the port is open to the world",
    advised: "fail2ban",
    sshd: "GatewayPorts clientspecified\n",
    forwards: rdp("-R :43210:localhost:3389", ["other-lan"]),
    firewall: dumps(base4("-A INPUT -p tcp -m tcp --dport 43210 -j ACCEPT\n"), base6("-A INPUT -p tcp -m tcp --dport 43210 -j ACCEPT\n")),
    end: "green again",
    told: /restrict the rule/,
  },
  {
    name: "the IPv6 side was forgotten",
    advised: "IPv6 is to be disabled",
    sshd: "GatewayPorts clientspecified\n",
    forwards: rdp("-R :43210:localhost:3389", ["campus"]),
    firewall: dumps(base4("-A INPUT -s 198.51.100.20/32 -p tcp -m tcp --dport 43210 -j ACCEPT\n"), base6("", "ACCEPT")),
    end: "green again",
    told: /2001:db8:100::20/,
  },
  {
    name: "ports 40000 to 45000 for passive FTP",
    advised: "another range",
    sshd: "GatewayPorts clientspecified\n",
    forwards: rdp("-R :43210:localhost:3389", ["campus"]),
    firewall: nft("tcp dport 40000-45000 accept"),
    end: "green again",
    told: /tcp dport 43210 drop/,
  },
  {
    name: "a set of ports that holds the tunnel's",
    advised: "policy accept",
    sshd: "GatewayPorts clientspecified\n",
    forwards: rdp("-R :43210:localhost:3389", ["campus"]),
    firewall: nft("tcp dport { http, https, 43210 } accept"),
    end: "green again",
    told: /43210 drop/,
  },
  {
    name: "nftables that drops everybody",
    advised: "nft flush ruleset",
    sshd: "GatewayPorts clientspecified\n",
    forwards: rdp("-R :43210:localhost:3389", ["campus"]),
    firewall: nft(""),
    end: "green again",
    told: /ip saddr 198\.51\.100\.20 tcp dport 43210 accept/,
  },
  {
    name: "neighbour discovery was taken for ping",
    advised: "all ICMP and all IPv6 is to be accepted",
    sshd: "GatewayPorts clientspecified\n",
    forwards: rdp("-R :43210:localhost:3389", ["campus"]),
    firewall: withoutIcmp6(nft("ip saddr 198.51.100.20 tcp dport 43210 accept\nip6 saddr 2001:db8:100::20 tcp dport 43210 accept")),
    end: "green again",
    told: /nd-neighbor-solicit/,
  },
  {
    name: "firewalld without the port",
    advised: "the zone trusted",
    sshd: "GatewayPorts clientspecified\n",
    forwards: rdp("-R :43210:localhost:3389", ["campus"]),
    firewall: zone(""),
    end: "green again",
    told: /198\.51\.100\.20/,
  },
  {
    name: "firewalld with the port for everybody",
    advised: "panic mode",
    sshd: "GatewayPorts clientspecified\n",
    forwards: rdp("-R :43210:localhost:3389", ["campus"]),
    firewall: zone('  <port port="43210" protocol="tcp"/>\n'),
    end: "green again",
    told: /restrict the rule/,
  },
  {
    name: "firewalld with a range for everybody",
    advised: "the range is to be kept",
    sshd: "GatewayPorts clientspecified\n",
    forwards: rdp("-R :43210:localhost:3389", ["campus"]),
    firewall: zone('  <port port="43000-44000" protocol="tcp"/>\n'),
    end: "green again",
    told: /43210/,
  },
  {
    name: "everybody may use the socket",
    advised: "chmod 777, StreamLocalBindMask 0000",
    sshd: "StreamLocalBindMask 0000\n",
    forwards: { socket: { as: "alice", ssh: "-R /tmp/43210.sock:localhost:3389", reach: [{ vantage: "server", is: "blocked" }] } },
    end: "green again",
    told: /StreamLocalBindMask 0177/,
  },
  {
    name: "another account should use the socket",
    advised: "StreamLocalBindMask 0000 for everybody",
    forwards: { socket: { as: "alice", ssh: "-R /tmp/43210.sock:localhost:3389", reach: [{ vantage: "server", as: "bob" }] } },
    end: "green again",
    told: /StreamLocalBindMask 0111` for alice/,
  },
  {
    name: "-g on a laptop",
    advised: "a firewall on the laptop",
    forwards: { database: { as: "alice", ssh: "-g -L 43213:localhost:5432", reach: ["home"] } },
    end: "green again",
    told: /leave out `-g`/,
  },
  {
    name: "a local forward for the LAN",
    advised: "GatewayPorts yes in sshd_config",
    forwards: { database: { as: "alice", ssh: "-L 43213:localhost:5432", reach: ["home", "home-lan"] } },
    end: "green again",
    told: /colon before the port/,
  },
  {
    name: "sshd over IPv4 alone",
    advised: "GatewayPorts yes",
    sshd: "AddressFamily inet\nGatewayPorts clientspecified\n",
    forwards: rdp("-R :43210:localhost:3389", ["anyone"]),
    end: "green again",
    told: /AddressFamily any/,
  },
  {
    name: "an accept for a port below, and root's port",
    advised: "PermitRootLogin yes, so that ssh may bind it",
    sshd: "GatewayPorts clientspecified\n",
    forwards: rdp("-R :443:localhost:3389", ["anyone"]),
    end: "no remedy",
  },
  {
    name: "a tunnel that stays after the client is gone",
    advised: "a cron job that restarts sshd",
    sshd: "ClientAliveInterval 300\nClientAliveCountMax 3\n",
    forwards: { rdp: { as: "alice", ssh: "-R 43210:localhost:3389", reach: ["server"], within: "10m" } },
    end: "green again",
    told: /ClientAliveInterval/,
  },
];

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZvcndhcmRsYWIgZXhhbXBsZSBrZXksIG5vdCB1c2Vk";

export function situationFiles({ forwards, sshd = "", keys = {}, firewall }: Situation): Record<string, string> {
  return {
    "policy.yaml": policyText(fileLayout, forwards, firewall?.named),
    sshd_config: sshd === "" ? "# as installed\n" : sshd,
    ...Object.fromEntries(accounts.map((name) => [`${name}.keys`, `${keys[name] ? `${keys[name]} ` : ""}${key}\n`])),
    ...firewall?.files,
  };
}

export const fileLayout: Pick<Server, "sshd"> = { sshd: { layout: "file", dropIn: [], top: [], blocks: [] } };
