"""Where each setting of a copy of /etc/firewalld stands: noted while firewalld's own readers read it."""

from __future__ import annotations

import functools
import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from firewall import config
from firewall.core.io import direct, helper, icmptype, ipset, policy, service, zone

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

# Settings of a zone or a policy that rules are made of.
LISTS = (
    *("services", "ports", "protocols", "source_ports", "forward_ports", "icmp_blocks", "rules"),
    *("interfaces", "sources", "ingress_zones", "egress_zones"),
)
FLAGS = ("masquerade", "icmp_block_inversion", "forward")

Owner = tuple[str, str]  # kind and name, e.g. ("zone", "public")


class Place(NamedTuple):
    """`file` is relative to /etc/firewalld; `line` is 1-based, 0 where it is not known."""

    file: str
    line: int


class Places:
    def __init__(self) -> None:
        self._roots: dict[Owner, Place | None] = {}  # None: the distribution's own
        self._settings: dict[tuple[Owner, str, Hashable], Place] = {}
        self._reading: Place | None = None
        self._conf = _lines_of_conf()
        for kind, handler in (
            ("zone", zone.zone_ContentHandler),
            ("policy", policy.policy_ContentHandler),
            ("direct", direct.direct_ContentHandler),
            ("service", service.service_ContentHandler),
            ("ipset", ipset.ipset_ContentHandler),
            ("icmptype", icmptype.icmptype_ContentHandler),
            ("helper", helper.helper_ContentHandler),
        ):
            self._watch(kind, handler)

    def of(self, owner: Owner, attribute: str, value: Hashable) -> Place | None:
        """Of one setting. None where it does not stand in the user's files."""
        return self._settings.get((owner, attribute, value))

    def root(self, owner: Owner) -> Place:
        """The element that holds an owner's settings. The distribution's own zones and policies are there by the line that names the default zone."""
        return self._roots.get(owner) or self.setting("DefaultZone")

    def setting(self, key: str) -> Place:
        """A key of firewalld.conf, else the one that names the default zone; without the file, the folder."""
        return Place("firewalld.conf", self._conf.get(key, self._conf.get("DefaultZone", 1))) if self._conf else Place("", 0)

    def names(self, word: str) -> bool:
        """Is it a key in firewalld.conf?"""
        return word in self._conf

    @property
    def has_conf(self) -> bool:
        return bool(self._conf)

    @property
    def reading(self) -> Place | None:
        """Where firewalld's reader is, or where it stopped."""
        return self._reading

    def done_reading(self) -> None:
        self._reading = None

    def mentioned(self, message: str) -> Place | None:
        """What a complaint about settings that do not go together is about: it quotes them."""
        quoted = re.findall(r"'([^']*)'", message)
        for name in quoted:
            for owner, root in self._roots.items():
                if owner[1] != name or root is None:
                    continue
                mine = [(value, place) for (whose, _, value), place in self._settings.items() if whose == owner]
                found = [place for value, place in mine if str(value) in quoted]
                return found[0] if found else root
        return None

    def own(self) -> Iterator[tuple[Owner, Place]]:
        """Zones and policies of the user."""
        return ((owner, root) for owner, root in self._roots.items() if root and owner[0] in ("zone", "policy"))

    def _watch(self, kind: str, handler: type[Any]) -> None:
        places, start, end = self, handler.startElement, handler.endElement

        @functools.wraps(start)
        def start_element(self: Any, name: str, attributes: Any) -> None:
            line = self._locator.getLineNumber()
            if not hasattr(self, "_opened"):
                self._opened = []
                self._owner = places._open(kind, self.item, line)
            self._opened.append(line)
            with _Step(places, kind, self, line):
                start(self, name, attributes)

        @functools.wraps(end)
        def end_element(self: Any, name: str) -> None:
            with _Step(places, kind, self, self._locator.getLineNumber()):
                end(self, name)
            self._opened.pop()

        handler.startElement, handler.endElement = start_element, end_element

    def _open(self, kind: str, item: Any, line: int) -> Owner:
        """Zones of one folder below zones/ are one zone, named after the folder."""
        name = getattr(item, "name", "")
        if kind == "zone" and os.path.dirname(item.path) == config.ETC_FIREWALLD_ZONES:
            name = os.path.basename(item.path)
        owner = (kind, name)
        file = _file_of(item)
        if self._roots.get(owner) is None:
            self._roots[owner] = Place(file, line) if file else None
        return owner

    def _note(self, handler: Any, before: dict[str, set[Any]], line: int) -> None:
        file = _file_of(handler.item)
        if not file:
            return
        # The child of the root that the reader is in: a rich rule is noted where it ends, and stands where it begins.
        place = Place(file, handler._opened[min(1, len(handler._opened) - 1)])
        for attribute, values in _values(handler.item).items():
            for value in values - before[attribute]:
                self._settings.setdefault((handler._owner, attribute, value), place)


class _Step:
    """One call of a reader: what it adds to its object stands on the line that it reads."""

    def __init__(self, places: Places, kind: str, handler: Any, line: int) -> None:
        self._places, self._handler, self._line = places, handler, line
        self._before = _values(handler.item) if kind in ("zone", "policy", "direct") else None

    def __enter__(self) -> None:
        file = _file_of(self._handler.item)
        self._places._reading = Place(file, self._line) if file else None

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if failed is None and self._before is not None:
            self._places._note(self._handler, self._before, self._line)


def _values(item: Any) -> dict[str, set[Any]]:
    if isinstance(item, direct.Direct):
        return {
            "chains": {(*key, chain) for key, chains in item.chains.items() for chain in chains},
            "rules": {(*key, *rule) for key, rules in item.rules.items() for rule in rules},
            "passthroughs": {(ipv, tuple(args)) for ipv, all_args in item.passthroughs.items() for args in all_args},
        }
    lists = {name: {_hashable(value) for value in getattr(item, name)} for name in LISTS if name in item.__dict__}
    return {**lists, **{name: {True} if item.__dict__.get(name) else set() for name in FLAGS}}


def _hashable(value: Any) -> Hashable:
    return str(value) if not isinstance(value, str | tuple) else value


def _file_of(item: Any) -> str:
    """Relative to /etc/firewalld; "" for the distribution's own."""
    path = item.filename if isinstance(item, direct.Direct) else os.path.join(item.path, item.filename)
    return os.path.relpath(path, config.ETC_FIREWALLD) if path.startswith(config.ETC_FIREWALLD + "/") else ""


def _lines_of_conf() -> dict[str, int]:
    """Line of each key, the first where it stands twice: that one counts."""
    lines: dict[str, int] = {}
    try:
        with open(config.FIREWALLD_CONF, errors="replace") as file:
            for number, line in enumerate(file, 1):
                key = re.match(r"\s*([^#;=\s]+)\s*=", line)
                if key:
                    lines.setdefault(key.group(1), number)
    except FileNotFoundError:
        return {}
    return lines or {"": 1}
