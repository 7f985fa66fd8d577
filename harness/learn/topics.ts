/** What the scenarios are about, in the order in which it is told. */
import type { Text, Topic } from "../core/lesson.ts";

export const topics: Readonly<Record<Topic, Text>> = {
  remote: { en: "Remote forwards (-R)", ja: "リモート転送 (-R)" },
  local: { en: "Local forwards (-L)", ja: "ローカル転送 (-L)" },
  dynamic: { en: "Dynamic forwards (-D)", ja: "動的転送 (-D)" },
  "other-ways": { en: "Other kinds of forwarding", ja: "その他の転送" },
  services: { en: "Real services and clients", ja: "実際のサービスとクライアント" },
  "server-policy": { en: "What the server allows", ja: "サーバーが許可するもの" },
  "firewall-and-nat": { en: "Firewall and NAT", ja: "ファイアウォールと NAT" },
  lifetime: { en: "How long a forward lives", ja: "転送の寿命" },
  "other-servers": { en: "Servers other than OpenSSH", ja: "OpenSSH 以外のサーバー" },
  alternatives: { en: "Instead of ssh: a relay", ja: "ssh の代わり: 中継サービス" },
  myths: { en: "Common misconceptions", ja: "よくある誤解" },
};
