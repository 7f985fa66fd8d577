"""Each rule that firewalld loads carries a comment: the number of the place that it is made of."""

from __future__ import annotations

import contextlib
import copy
import functools
import re
import secrets
from typing import TYPE_CHECKING, Any

from firewall.core import fw, fw_direct, fw_policy, fw_transaction, fw_zone, ipXtables, nftables

from .places import Owner, Place, Places

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    Locate = Callable[..., Place | None]

# Nothing that a user's rule could say.
MARK = f"forwardlab-{secrets.token_hex(8)}:"
IN_NFT = re.compile(rf' comment "{MARK}(\d+)"$')
IN_SAVE = re.compile(rf' -m comment --comment "?{MARK}(\d+)"?')


class Marks:
    def __init__(self, places: Places) -> None:
        self._places = places
        self._making = [places.setting("")]  # The innermost setting that rules are made of right now is the last.
        self._numbers: dict[Place, int] = {}
        self.refused: Place | None = None
        self.refused_chain = ""
        self._follow_settings()
        self._mark_rules()
        self._watch_restore()

    def lines(self, listing: str, pattern: re.Pattern[str]) -> list[tuple[str, str, int]]:
        """What nft or iptables-save lists, without the marks and the comments; every line with the file and the line of its place."""
        places = list(self._numbers)
        otherwise = self._places.setting("")

        def split(line: str) -> tuple[str, str, int]:
            found = pattern.search(line)
            return (line[: found.start()] + line[found.end() :], *places[int(found.group(1))]) if found else (line, *otherwise)

        return [split(line) for line in listing.splitlines() if not line.startswith("#")]

    def _follow_settings(self) -> None:
        places, policy = self._places, fw_policy.FirewallPolicy

        def owner(policies: Any, name: str) -> Owner:
            zone = policies.get_policy(name).derived_from_zone
            return ("zone", zone) if zone else ("policy", name)

        def setting(attribute: str, value: Callable[..., Hashable]) -> Locate:
            return lambda self, _, name, *args, **more: places.of(owner(self, name), attribute, value(*args, **more))

        def forward_port(_: Any, port: str, protocol: str, toport: str | None = None, toaddr: str | None = None) -> Hashable:
            return (port, protocol, toport or "", toaddr or "")

        def pair(self: Any, _: Any, name: str, *__: Any, last: bool = False, **___: Any) -> Place | None:
            # What decides at the end of a zone is its target; what leads to the zone is its interface or source.
            return places.root(owner(self, name)) if last or not self.get_policy(name).derived_from_zone else None

        def bound(attribute: str, at: int) -> Locate:
            return lambda _, __, zone, *args, **___: places.of(("zone", zone), attribute, args[at]) or places.root(("zone", zone))

        self._follow(policy, "_policy_settings", lambda self, _, name, *__: places.root(owner(self, name)))
        self._follow(policy, "_service", setting("services", lambda service, *_, **__: service))
        self._follow(policy, "_port", setting("ports", lambda port, protocol, _: (port, protocol)))
        self._follow(policy, "_source_port", setting("source_ports", lambda port, protocol, _: (port, protocol)))
        self._follow(policy, "_protocol", setting("protocols", lambda protocol, _: protocol))
        self._follow(policy, "_masquerade", setting("masquerade", lambda _: True))
        self._follow(policy, "_forward_port", setting("forward_ports", forward_port))
        self._follow(policy, "_icmp_block", setting("icmp_blocks", lambda icmp, _: icmp))
        self._follow(policy, "_icmp_block_inversion", setting("icmp_block_inversion", lambda _: True))
        self._follow(policy, "_FirewallPolicy__rule", setting("rules", lambda rule, _: str(rule)))
        self._follow(policy, "_ingress_egress_pair", pair)
        self._follow(fw_zone.FirewallZone, "_interface", bound("interfaces", 0))
        self._follow(fw_zone.FirewallZone, "_source", bound("sources", 1))
        self._follow(fw_zone.FirewallZone, "_icmp_block_inversion", lambda _, __, zone, *___: places.root(("zone", zone)))
        direct = ("direct", "")
        self._follow(fw_direct.FirewallDirect, "_chain", lambda _, __, *args: places.of(direct, "chains", tuple(args[:3])))
        self._follow(fw_direct.FirewallDirect, "_rule", lambda _, __, *args: places.of(direct, "rules", tuple(args[:5])))
        self._follow(fw_direct.FirewallDirect, "_passthrough", lambda _, __, ipv, args, *___: places.of(direct, "passthroughs", (ipv, tuple(args))))
        self._follow(fw.Firewall, "apply_default_rules", lambda *_: places.setting(""))
        for backend in (nftables.nftables, ipXtables.ip6tables):
            self._made_of(backend, "build_rpfilter_rules", "IPv6_rpfilter")
            self._made_of(backend, "build_rfc3964_ipv4_rules", "RFC3964_IPv4")

    def _follow(self, owner: type[Any], name: str, locate: Locate) -> None:
        """Rules that are added while the method runs are made of the place. None: of what they were made of before."""
        method = getattr(owner, name)

        @functools.wraps(method)
        def followed(*args: Any, **more: Any) -> Any:
            with self._of(locate(*args, **more)):
                return method(*args, **more)

        setattr(owner, name, followed)

    @contextlib.contextmanager
    def _of(self, place: Place | None) -> Iterator[None]:
        self._making.append(place or self._making[-1])
        try:
            yield
        finally:
            self._making.pop()

    def _made_of(self, backend: type[Any], name: str, key: str) -> None:
        """Rules that a method of a backend gives are made of a key of firewalld.conf."""
        method = getattr(backend, name)

        @functools.wraps(method)
        def marked(*args: Any, **more: Any) -> Any:
            with self._of(self._places.setting(key)):
                return [self._marked(rule) for rule in method(*args, **more)]

        setattr(backend, name, marked)

    def _mark_rules(self) -> None:
        add, key = fw_transaction.FirewallTransaction.add_rule, nftables.nftables._get_rule_key

        def add_rule(transaction: Any, backend: Any, rule: Any) -> None:
            add(transaction, backend, self._marked(rule) if backend.name != "ebtables" else rule)

        def rule_key(backend: Any, rule: Any) -> Any:
            # firewalld loads equal rules once: equal in all but what they are made of.
            plain = copy.copy(rule)
            for verb in ("add", "insert", "delete"):
                if "rule" in plain.get(verb, {}):
                    plain[verb] = {"rule": {name: value for name, value in plain[verb]["rule"].items() if name != "comment"}}
            return key(backend, plain)

        fw_transaction.FirewallTransaction.add_rule = add_rule
        nftables.nftables._get_rule_key = rule_key

    def _watch_restore(self) -> None:
        """iptables-restore names a line of what it was given: the place of that rule is kept."""
        restore = ipXtables.ip4tables.set_rules

        def set_rules(backend: Any, rules: Any, log_denied: str) -> Any:
            try:
                return restore(backend, rules, log_denied)
            except ValueError as fault:
                named = re.search(r"\bline:? (\d+)", str(fault))
                rule = rule_of_line(rules, int(named.group(1))) if named else None
                self.refused, self.refused_chain = self._place_of(rule), chain_of(rule)
                raise

        ipXtables.ip4tables.set_rules = set_rules

    def _place_of(self, rule: Any) -> Place | None:
        marks = [int(str(word).removeprefix(MARK)) for word in rule or () if str(word).startswith(MARK)]
        return list(self._numbers)[marks[0]] if marks else None

    def _marked(self, rule: Any) -> Any:
        if isinstance(rule, dict):
            for verb in ("add", "insert"):
                if "rule" in rule.get(verb, {}):
                    return {verb: {"rule": {"comment": self._mark(), **rule[verb]["rule"]}}}
            return rule
        words = [str(word) for word in rule]
        if not {"-A", "-I", "--append", "--insert"} & set(words) or any(word.startswith(MARK) for word in words):
            return rule
        return [*rule, "-m", "comment", "--comment", self._mark()]

    def _mark(self) -> str:
        return f"{MARK}{self._numbers.setdefault(self._making[-1], len(self._numbers))}"


def rule_of_line(rules: Any, number: int) -> Any:
    """Of what iptables-restore is given."""
    tables: dict[str, list[Any]] = {}
    for rule in rules:
        named = [str(rule[at + 1]) for at, word in enumerate(rule) if word in ("-t", "--table")]
        tables.setdefault(named[0] if named else "filter", []).append(rule)
    lines = [line for each in tables.values() for line in (None, *each, None)]
    return lines[number - 1] if 0 < number <= len(lines) else None


def chain_of(rule: Any) -> str:
    words = [str(word) for word in rule or ()]
    named = [words[at + 1] for at, word in enumerate(words[:-1]) if word in ("-A", "-I", "--append", "--insert")]
    return named[0] if named else ""


def without_blob(message: str) -> str:
    """What nft said, without all the rules that firewalld gave it."""
    return message.split("\nJSON blob:")[0].replace("'python-nftables' failed: ", "").strip()
