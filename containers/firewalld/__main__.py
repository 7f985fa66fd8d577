"""`python3 -m firewalld`: reads a line of JSON (files of /etc/firewalld, path -> base64; saved ipsets; host names), writes rules or an error as JSON."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import xml.sax
from typing import Any

from firewall import config, errors
from firewall.core import fw_policy
from firewall.core.fw import Firewall
from firewall.core.logger import log
from firewall.errors import FirewallError

from .marks import IN_NFT, IN_SAVE, Marks, without_blob
from .places import Place, Places

Result = dict[str, Any]


def main() -> None:
    # firewalld talks on standard output, too.
    answer = os.dup(1)
    os.dup2(2, 1)
    given = json.loads(sys.stdin.readline())
    write(given["files"])
    resolve(given.get("names", []))
    with open(answer, "w") as stream:
        json.dump(not_well_formed() or compiled(given.get("ipsets", "")), stream)


def write(files: dict[str, str]) -> None:
    for path, content in files.items():
        full = os.path.join(config.ETC_FIREWALLD, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(base64.b64decode(content))


def resolve(names: list[tuple[str, list[str]]]) -> None:
    """Adds host names that direct.xml may use: iptables resolves them when it loads a rule."""
    if names:
        with open("/etc/hosts", "a") as hosts:
            hosts.writelines(f"{address} {name}\n" for name, addresses in names for address in addresses)


def not_well_formed() -> Result | None:
    """firewalld does not tell the line of what is not XML at all."""
    for folder, _, names in os.walk(config.ETC_FIREWALLD):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not name.endswith(".xml"):
                continue
            try:
                xml.sax.parse(path, xml.sax.ContentHandler())
            except xml.sax.SAXParseException as fault:
                place = Place(os.path.relpath(path, config.ETC_FIREWALLD), fault.getLineNumber() or 0)
                return error(f"not well-formed XML: {fault.getMessage()}", place, "xml")
    return None


def compiled(ipsets: str) -> Result:
    # Sets that are not firewalld's own: rules of direct.xml may name them.
    if ipsets:
        refused = subprocess.run(["ipset", "-exist", "restore"], input=ipsets, capture_output=True, text=True)
        if refused.returncode:
            return error(refused.stderr.strip(), None, "ipsets")
    places, warnings = Places(), list[Result]()
    forwarding = set[str]()
    marks = Marks(places)

    def warn(message: str, *args: object, **_: object) -> None:
        told = str(message) % args if args else str(message)
        place = places.reading or place_in_conf(places, told)
        warnings.append({"message": told, **({"file": place.file, "line": place.line} if place else {})})

    def fail(message: str, *args: object, **_: object) -> None:
        # The daemon goes on without direct.xml where it cannot read it.
        if str(message).startswith("Failed to load direct rules"):
            raise FirewallError(errors.PARSE_ERROR, str(args[-1]))
        warn(message, *args)

    log.warning, log.error = warn, fail
    # What the daemon writes to /proc/sys is told instead.
    fw_policy.enable_ip_forwarding = forwarding.add
    firewall = Firewall()
    if not places.has_conf:
        firewall._start_load_firewalld_conf = lambda: defaults(firewall)
    start = firewall._start_copy_config_to_runtime

    def read_completely() -> None:
        places.done_reading()
        # Devices of a flow table have to be there; it changes the speed, and nothing about who gets through.
        firewall._nftables_flowtable = "off"
        start()

    firewall._start_copy_config_to_runtime = read_completely
    try:
        firewall._start()
    except FirewallError as fault:
        message = without_blob(str(fault))
        direct = Place("direct.xml", 0) if message.startswith("COMMAND_FAILED: Direct: ") else None
        place = places.reading or marks.refused or direct or places.mentioned(message)
        # Only the iptables backend makes chains for direct rules. Of a <rule>, firewalld itself takes the built-in chain then; a <passthrough> fails.
        if direct and firewall.nftables_enabled and marks.refused_chain.endswith("_direct"):
            return error(marks.refused_chain, place, "direct-chain")
        return error(message, place, "load" if fault.code == errors.COMMAND_FAILED else "config")
    except (ValueError, KeyError, TypeError) as fault:
        return error(f"{type(fault).__name__}: {fault}", places.reading, "config")
    return {"rules": rules(firewall, marks), "warnings": warnings, "facts": facts(firewall, places, forwarding)}


def defaults(firewall: Any) -> None:
    """What holds without a firewalld.conf."""
    firewall._firewalld_conf.set_defaults()
    firewall.config.set_firewalld_conf(firewall._firewalld_conf)


def rules(firewall: Any, marks: Marks) -> Result:
    nft = marks.lines(output("nft", "-s", "list", "table", "inet", "firewalld"), IN_NFT) if firewall.nftables_enabled else None
    own = firewall.direct.has_configuration() or not firewall.nftables_enabled
    return {
        "nft": nft,
        "ipv4": marks.lines(output("iptables-nft-save"), IN_SAVE) if own else None,
        "ipv6": marks.lines(output("ip6tables-nft-save"), IN_SAVE) if own else None,
        "ipsets": output("ipset", "save") if own else "",
    }


def facts(firewall: Any, places: Places, forwarding: set[str]) -> Result:
    default = firewall.get_default_zone()
    unbound = [
        (name, place)
        for (kind, name), place in places.own()
        if kind == "zone" and name != default and not (firewall.zone.list_interfaces(name) or firewall.zone.list_sources(name))
    ]
    return {
        "forwarding": sorted(forwarding),
        "unbound": [{"zone": name, "file": place.file, "line": place.line} for name, place in unbound],
        "bridge": bool([key for key in firewall.direct.get_all_rules() if key[0] == "eb"]),
        "version": config.VERSION,
    }


def error(message: str, place: Place | None, kind: str) -> Result:
    return {"error": {"kind": kind, "message": message, **({"file": place.file, "line": place.line} if place else {})}}


def place_in_conf(places: Places, message: str) -> Place | None:
    """Of the key that a complaint about firewalld.conf names."""
    named = [word for word in message.replace("'", " ").replace("=", " ").split() if places.names(word)]
    return places.setting(named[0]) if named else None


def output(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


main()
