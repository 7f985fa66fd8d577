/**
 * The keywords of sshd_config: their spelling, since when sshd knows them, and which may stand in a Match block.
 * Source: OpenSSH `servconf.c` and `servconf.h`, 8.4 to 10.6. Deprecated and unsupported ones, which sshd skips with a warning, count as known.
 */
import type { SettingSource } from "../core/forward-outcome.ts";

export interface SshdKeyword {
  /** As sshd_config(5) spells it. */
  name: string;
  /** First version that knows it, e.g. `9.2`; left out: 8.4, the oldest that the lab runs, does. */
  since?: string;
  /** First version that knows it no more. */
  until?: string;
  /** May it stand in a Match block? A version: from that one on. */
  inMatch: boolean | string;
}

const inMatch = `AcceptEnv AllowAgentForwarding AllowGroups AllowStreamLocalForwarding AllowTcpForwarding AllowUsers AuthenticationMethods
AuthorizedKeysCommand AuthorizedKeysCommandUser AuthorizedKeysFile AuthorizedKeysFile2 AuthorizedPrincipalsCommand
AuthorizedPrincipalsCommandUser AuthorizedPrincipalsFile Banner CASignatureAlgorithms ChallengeResponseAuthentication
ChannelTimeout ChrootDirectory ClientAliveCountMax ClientAliveInterval DenyGroups DenyUsers DisableForwarding ExposeAuthInfo
ForceCommand GatewayPorts GSSAPIAuthentication HostbasedAcceptedAlgorithms HostbasedAcceptedKeyTypes HostbasedAuthentication
HostbasedUsesNameFromPacketOnly IgnoreRhosts Include IPQoS KbdInteractiveAuthentication KerberosAuthentication LogLevel LogVerbose
Match MaxAuthTries MaxSessions PAMServiceName PasswordAuthentication PermitEmptyPasswords PermitListen PermitOpen PermitRootLogin
PermitTTY PermitTunnel PermitUserRC PubkeyAcceptedAlgorithms PubkeyAcceptedKeyTypes PubkeyAuthentication PubkeyAuthOptions RDomain
RefuseConnection RekeyLimit RequiredRSASize RevokedKeys RhostsRSAAuthentication RSAAuthentication SetEnv SKeyAuthentication
StreamLocalBindMask StreamLocalBindUnlink Subsystem TrustedUserCAKeys UnusedConnectionTimeout X11DisplayOffset X11Forwarding
X11UseLocalhost`;

const globalOnly = `AddressFamily AFSTokenPassing CheckMail Ciphers Compression DSAAuthentication FingerprintHash GSSAPICleanupCredentials
GSSAPIDelegateCredentials GSSAPIStrictAcceptorCheck HostCertificate HostDSAKey HostKey HostKeyAgent HostKeyAlgorithms
IgnoreUserKnownHosts KeepAlive KerberosGetAFSToken KerberosOrLocalPasswd KerberosTgtPassing KerberosTicketCleanup KexAlgorithms
KeyRegenerationInterval ListenAddress LoginGraceTime MACs MaxStartups ModuliFile PAMAuthenticationViaKbdInt PermitUserEnvironment
PerSourceMaxStartups PerSourceNetBlockSize PerSourcePenalties PerSourcePenaltyExemptList PidFile Port PrintLastLog PrintMotd
Protocol ReverseMappingCheck RHostsAuthentication SecurityKeyProvider ServerKeyBits SshdAuthPath SshdSessionPath StrictModes
SyslogFacility TCPKeepAlive UseDNS UseLogin UsePAM UsePrivilegeSeparation VerifyReverseMapping VersionAddendum XAuthLocation`;

const since: Readonly<Record<string, string>> = {
  hostbasedacceptedalgorithms: "8.5",
  logverbose: "8.5",
  persourcemaxstartups: "8.5",
  persourcenetblocksize: "8.5",
  pubkeyacceptedalgorithms: "8.5",
  modulifile: "8.6",
  requiredrsasize: "9.1",
  channeltimeout: "9.2",
  unusedconnectiontimeout: "9.2",
  pamservicename: "9.8",
  persourcepenalties: "9.8",
  persourcepenaltyexemptlist: "9.8",
  sshdsessionpath: "9.8",
  refuseconnection: "9.9",
  sshdauthpath: "10.0",
  gssapidelegatecredentials: "10.3",
};

const until: Readonly<Record<string, string>> = { pamauthenticationviakbdint: "10.4" };

const matchSince: Readonly<Record<string, string>> = {
  challengeresponseauthentication: "8.7",
  skeyauthentication: "8.7",
  subsystem: "9.5",
};

/** Keywords that only a distribution's sshd knows, lower case. The versions of Debian that the lab runs know the Debian ones. */
const distributions: Readonly<Record<string, { name: string; of: string }>> = {
  debianbanner: { name: "DebianBanner", of: "Debian" },
  gssapikeyexchange: { name: "GSSAPIKeyExchange", of: "Debian" },
  gssapikexalgorithms: { name: "GSSAPIKexAlgorithms", of: "Debian" },
  gssapistorecredentialsonrekey: { name: "GSSAPIStoreCredentialsOnRekey", of: "Debian" },
  gssapienablek5users: { name: "GSSAPIEnablek5users", of: "Red Hat" },
  kerberosuniqueccache: { name: "KerberosUniqueCCache", of: "Red Hat" },
  kerberosusekuserok: { name: "KerberosUseKuserok", of: "Red Hat" },
  rsaminsize: { name: "RSAMinSize", of: "Red Hat" },
  gssapiindicators: { name: "GSSAPIIndicators", of: "Red Hat" },
  useblacklist: { name: "UseBlacklist", of: "FreeBSD" },
  useblocklist: { name: "UseBlocklist", of: "FreeBSD and NetBSD" },
  hpndisabled: { name: "HPNDisabled", of: "FreeBSD's HPN patch" },
  hpnbuffersize: { name: "HPNBufferSize", of: "FreeBSD's HPN patch" },
  noneenabled: { name: "NoneEnabled", of: "FreeBSD's HPN patch" },
  tcprcvbufpoll: { name: "TcpRcvBufPoll", of: "FreeBSD's HPN patch" },
};

function listed(names: string, match: boolean): [string, SshdKeyword][] {
  return names.split(/\s+/).map((name) => {
    const key = name.toLowerCase();
    const from = since[key];
    const gone = until[key];
    return [key, { name, inMatch: matchSince[key] ?? match, ...(from ? { since: from } : {}), ...(gone ? { until: gone } : {}) }];
  });
}

/** Lower case -> keyword. */
export const sshdKeywords: ReadonlyMap<string, SshdKeyword> = new Map([...listed(inMatch, true), ...listed(globalOnly, false)]);

/** The distribution that has added this keyword to its sshd, with its spelling. */
export function distributionKeyword(keyword: string): { name: string; of: string } | undefined {
  const key = keyword.toLowerCase();
  return Object.hasOwn(distributions, key) ? distributions[key] : undefined;
}

/** A keyword as the manual spells it. */
export function spell(keyword: string): string {
  return sshdKeywords.get(keyword.toLowerCase())?.name ?? distributionKeyword(keyword)?.name ?? keyword;
}

/** A setting as it would be written: `PermitListen 8080`; a key option as it is: `permitlisten="8080"`. */
export function settingText(source: SettingSource): string {
  return source.keyOption ? source.value : `${spell(source.keyword)} ${source.value}`;
}
