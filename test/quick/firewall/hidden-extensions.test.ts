/** Listings of nft that lack what nft could not print. */
import { describe, expect, test } from "vitest";
import { hiddenExtension } from "../../../harness/firewall/hidden-extensions.ts";

describe("an extension that nft wrote behind a #", () => {
  test.each([
    ["a match alone", "# match-set banned src counter packets 3 bytes 180 drop"],
    ["a match after another", "tcp dport 8080 # match-set office src counter packets 0 bytes 0 accept"],
    ["with a handle", "tcp dport 8080 # recent: SET name: DEFAULT side: source counter packets 0 bytes 0 # handle 12"],
    ["one that nft knows by its name only", "ip saddr 10.1.2.3 # xt_conntrack counter packets 0 bytes 0 accept"],
    ["such a one at the end", 'iifname "a#b" # xt_mark'],
    ["negated", "# ! match-set banned src counter packets 0 bytes 0 accept"],
    ["a target", "tcp dport 8080 counter packets 0 bytes 0 # TARPIT"],
    ["a target that marks", "tcp dport 8080 counter packets 0 bytes 0 # MARK set 0x1"],
    ["a match with a target's name", "tcp flags syn # xt_tcpmss counter packets 0 bytes 0 drop"],
    ["a target that nft knows by its name only", "counter packets 124 bytes 19586 # xt_REJECT # handle 9"],
  ])("%s", (_, rule) => {
    expect(hiddenExtension(`table ip filter {\n\tchain INPUT {\n\t\t${rule}\n`)).toEqual({ line: 3, text: rule });
  });
});

describe("control: a target that decides nothing, as libvirt and log rules have it", () => {
  test.each([
    'oifname "virbr0" meta l4proto udp udp dport 68 counter packets 2 bytes 666 # CHECKSUM fill',
    "counter packets 3 bytes 180 # LOG level warning prefix dropped",
    "tcp flags & (syn|rst) == syn counter packets 0 bytes 0 # xt_TCPMSS # handle 4",
  ])("%s", (rule) => {
    expect(hiddenExtension(`${rule}\n`)).toBeUndefined();
  });
});

describe("control: comments", () => {
  test.each([
    ["a rule that somebody switched off", "# tcp dport 8080 counter packets 5 bytes 300 accept"],
    ["one that says so", "# old: tcp dport 8080 counter packets 5 bytes 300 accept"],
    ["behind a verdict", "tcp dport 8080 accept # was: counter packets 5 bytes 300 drop"],
    ["behind a counter", "ip saddr 10.1.2.3 counter packets 5 bytes 300 # the office"],
    ["a handle", "tcp dport 8080 counter packets 5 bytes 300 # handle 12"],
    ["a verdict that somebody switched off", "tcp dport 8080 # counter packets 5 bytes 300 accept"],
    ["the size of a set", "size 65535 # count 3"],
    ["inside of quotes", 'log prefix "# xt_mark " counter packets 5 bytes 300 drop'],
  ])("%s", (_, rule) => {
    expect(hiddenExtension(`${rule}\n`)).toBeUndefined();
  });
});
