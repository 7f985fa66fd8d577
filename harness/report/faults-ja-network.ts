/** Faults of a policy's `network:` in Japanese. */
import type { NetworkFaults } from "../core/network-faults.ts";
import type { FaultWords } from "./fault-words.ts";

type NetworkTable = { readonly [Code in keyof NetworkFaults]: (is: NetworkFaults[Code]) => FaultWords };

const called = (host: string) => (host === "server" ? "サーバー" : host);
const onlyOne = "どちらか一方だけ";

export const networkFaults: NetworkTable = {
  "ports-without-router": ({ host, lan }) => ({
    message: `\`ports\` を使うには、${called(host)}の手前に NAT を行うルーターが必要ですが、ありません。`,
    found: lan === undefined ? "LAN に接続していない" : `接続先の LAN: ${lan}`,
    expected: "NAT の内側の LAN、または `behind: nat` と `public`",
    todo: "`ports` を削除するか、手前に何があるかを書いてください。",
  }),
  "port-published-twice": ({ port, address, hosts }) => ({
    message: `${address} のポート ${port} が二重に公開されています。`,
    found: hosts.map(called).join(" と "),
    expected: "公開するポートは 1 つずつ",
    todo: "どちらかを別のポートで公開してください。",
  }),
  "lan-name-twice": ({ name, hosts }) => ({
    message: `${hosts.map(called).join(" と ")}のネットワークが同じ名前になります。`,
    found: `${name}（2 つ）`,
    expected: "末尾の `-lan` を除いても異なるホスト名",
    todo: "どちらかの名前を変えてください。",
  }),
  "network-key-misplaced": ({ key, instead }) => ({
    message: `\`${key}\` は、ここには書けません。`,
    found: key,
    expected: instead,
    todo: `\`${instead}\` に移してください。`,
  }),
  "host-placed-twice": ({ places, move }) => ({
    message: "ホストの場所が 2 か所で指定されています。",
    found: places.join(" と "),
    expected: onlyOne,
    todo: move ? "アドレスを `network.servers` に移してください。" : `\`${places[0]}\` を削除してください。`,
  }),
  "home-lan-elsewhere": ({ lan }) => ({
    message: "home-lan は home と同じ LAN のホストと決まっています。",
    ...(lan === undefined ? {} : { found: lan }),
    expected: "`{ lan: home, address: […] }`",
    todo: "この観測地点に別の名前を付けてください。",
  }),
  "host-without-address": ({ host, networks }) => ({
    message: `${called(host)}にアドレスがありません。`,
    found: networks.join("、"),
    expected: "その LAN のネットワークに属するアドレス",
    todo: `${called(host)}に \`address\` を追加するか、LAN にもう一方の IP バージョンのアドレスを追加してください。`,
  }),
  "address-twice": ({ lan, address, hosts }) => ({
    message: `${lan} の 2 つのホストが同じアドレス ${address} を使っています。`,
    found: hosts.map(called).join(" と "),
    expected: "ホストごとに異なるアドレス",
    todo: "どちらかを変更してください。",
  }),
  "address-not-of-host": ({ address, network }) => ({
    message: `${address} は、${network} のホストのアドレスとして使えません。`,
    found: address,
    expected: `${network} 内のアドレス（先頭のアドレスとブロードキャストアドレスを除く）`,
    todo: "ホスト自身のアドレスを書いてください。",
  }),
  "address-off-lan": ({ host, lan, address, networks, family }) => ({
    message: `${called(host)}のアドレスが ${lan} のネットワークに属していません。`,
    found: address,
    expected:
      networks.length > 0 ? `${networks.join(" または ")} のアドレス` : `IPv${family} のアドレスなし（その LAN では使われていません）`,
    todo: "アドレスかプレフィックス長、または `lan` を直してください。",
  }),
  "address-not-public": ({ host, address, public: own }) => ({
    message: `${called(host)}は NAT の内側にないため、自身の IPv4 アドレスがそのまま公開アドレスになります。`,
    found: address,
    expected: own,
    todo: "両方に同じアドレスを書くか、`behind: nat` と書いてください。",
  }),
  "network-full": ({ network, host, router }) => ({
    message: `ネットワーク ${network} に、${called(host)}が使えるアドレスが残っていません。`,
    found: network,
    expected: "サーバー、ルーター、隣接ホストのアドレスが入る広さ（/29 以上）",
    todo: `プレフィックス長を短くする${router ? "必要があります。" : `か、${called(host)}を \`network.vantages\` で別の場所に置いてください。`}`,
  }),
  "network-too-small": ({ network, prefix, bits }) => ({
    message: `ネットワーク ${network} には、ルーターのアドレスが入りません。`,
    found: `/${prefix}`,
    expected: bits === 32 ? "/29 以上の広さ" : "LAN と同じ /64",
    todo: `アドレスが属する LAN のプレフィックス長を書いてください。ゲートウェイが別のネットワークにあるなら /${bits} と書きます。`,
  }),
  "networks-overlap": ({ networks }) => ({
    message: "ネットワークまたはアドレスが重複しています。",
    found: networks.join(" と "),
    expected: "重複しないネットワーク（home と other-lan の IPv4 は同じでもかまいません）",
    todo: "アドレスかプレフィックス長を直してください。",
  }),
  "network-none-free": ({ owner, family }) => ({
    message: `${called(owner)}に割り当てられる IPv${family} のネットワークが残っていません。`,
    expected: "空いているネットワーク",
    todo: "ポリシーのプレフィックス長を長くするか、`address` を追加してください。",
  }),
  "network-none-around": ({ address }) => ({
    message: `${address} の周囲に、ゲートウェイと隣接ホストを置けるネットワークが空いていません。`,
    found: address,
    expected: "周囲に空きのあるアドレス",
    todo: "そのアドレスが属するネットワークのプレフィックス長を書いてください。",
  }),
  "server-only-private": ({ host, address }) => ({
    message: `${called(host)}にはプライベートアドレスしかなく、インターネットから到達できません。`,
    found: address,
    expected: "公開アドレス、または手前のルーターを表す `behind: nat` と `public:`",
    todo:
      host === "server"
        ? "`server: { behind: nat, public: 203.0.113.140, ports: { 2222: 22 } }` のように追加してください。`ports` を省略すると、すべてのポートが転送されます。"
        : `\`network.servers.${host}: { lan: server, … }\` のように別のホストのネットワークに接続するか、\`behind: nat\` と \`public\` を追加してください。`,
  }),
  "name-of-router": ({ name }) => ({
    message: `${name} は、ラボのルーターの名前です。`,
    found: name,
    expected: "`-router` や `-isp` で終わらない名前",
    todo: "観測地点の名前を変えてください。",
  }),
  "name-of-neighbour": ({ name, host, interface: at }) => ({
    message: `${name} は、${called(host)}の ${at} のネットワークにラボが追加する隣接ホストの名前です。`,
    found: `${name} という別のホスト`,
    expected: `そのネットワーク上の観測地点、または ${name} 以外の名前`,
    todo: "もう一方のホストの名前を変えるか、そのネットワークに観測地点を追加してください。",
  }),
  "router-of-its-own": ({ key, value, host, lan }) => ({
    message: `\`${key}\` は ${called(host)}だけのルーターを表しますが、\`lan: ${lan}\` では別のルーターの内側にあることになります。`,
    found: `${key}: ${value}`,
    expected: "`lan` だけ、または `behind` と `public`",
    todo: `\`${key}\` を削除してください。その LAN のルーターで ${called(host)}のポートを公開するには \`ports\` を使います。`,
  }),
  "public-without-router": ({ host, placed }) => ({
    message: `\`public\` は ${called(host)}の手前にあるルーターのアドレスですが、${called(host)}には専用のルーターがありません。`,
    found: placed ? `network.vantages.${host}` : "`behind` の指定なし",
    expected: placed ? "LAN の持ち主のホストの `public`" : "`behind: nat`",
    todo: placed ? "`public` を削除してください。" : "`behind: nat` を追加するか、`public` を削除してください。",
  }),
  "router-key-without-nat": ({ key, host, behind }) => ({
    message: `\`${key}\` は ${called(host)}の手前にあるルーターの設定ですが、ルーターがありません。`,
    found: behind === undefined ? "`behind` の指定なし" : `behind: ${behind}`,
    expected: "`behind: nat`",
    todo: `\`behind: nat\` を追加するか、\`${key}\` を削除してください。`,
  }),
  "router-key-twice": ({ key, places }) => ({
    message: `\`${key}\` が 2 か所にあります。`,
    found: places.join(" と "),
    expected: onlyOne,
    todo: `\`${places.at(-1)}\` を削除してください。`,
  }),
  "nat-not-first": ({ host, interface: name }) => ({
    message: `NAT の内側に置けるのは、${called(host)}の最初のインターフェースだけです。`,
    found: name,
    expected: "インターネット側のインターフェースがリストの先頭",
    todo: "リストの先頭に移してください。",
  }),
  "nat-without-public": () => ({
    message: "NAT の内側にあるサーバーには、ルーターの公開アドレスが必要です。",
    found: "`public` の指定なし",
    expected: "クライアントが接続する IPv4 アドレスを書いた `public:`",
    todo: "`public: アドレス` を追加してください。",
  }),
  "interface-twice": ({ name }) => ({
    message: `インターフェース ${name} が重複しています。`,
    found: name,
    expected: "インターフェースごとに異なる名前",
    todo: "サーバーでの名前をそのまま書いてください。",
  }),
  "interface-loopback": () => ({
    message: "lo はループバックインターフェースです。",
    found: "lo",
    expected: "ネットワークにつながるインターフェースの名前（例: eth0）",
    todo: "この項目を削除してください。lo はどのサーバーにもあります。",
  }),
  "interface-without-ipv6": ({ host, interface: name, addresses }) => ({
    message: `${called(host)}の ${name} に IPv6 アドレスがありません。`,
    found: addresses.join("、"),
    expected: "IPv6 アドレス、または `ipv6: false`",
    todo: "サーバーの IPv6 アドレスを追加してください。ない場合は `ipv6: false` と書いてください。",
  }),
  "interface-with-ipv6": ({ host, interface: name, address, off }) => ({
    message: `${called(host)}の ${name} には IPv6 アドレスがありますが、${off === "key" ? "`ipv6: false` とも書かれています" : "カーネルの設定で IPv6 が無効になっています"}。`,
    found: address,
    expected: onlyOne,
    todo: off === "key" ? "`ipv6: false` を削除してください。" : "アドレスを削除するか、`sysctl` の `disable_ipv6` を削除してください。",
  }),
  "address-public-behind-nat": ({ address }) => ({
    message: "NAT の内側にあるサーバーに、公開アドレスは割り当てられません。",
    found: address,
    expected: "インターフェースのプライベートアドレス（例: 172.31.5.10/20）",
    todo: "公開アドレスは `public` に書き、ここには `ip address` で表示されるアドレスを書いてください。",
  }),
};
