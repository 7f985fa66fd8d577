"""The namespaces of the lab in a file, by name: for `enter.py`, which is another process."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from .namespaces import Namespace

if TYPE_CHECKING:
    from .namespaces import Namespaces

FOLDER = "/run/forwardlab"
HOSTS = f"{FOLDER}/hosts.json"


def write(namespaces: Namespaces) -> None:
    os.makedirs(FOLDER, exist_ok=True)
    entries = {space.name: {"network": space.path, "names": space.names} for space in namespaces}
    with open(HOSTS, "w") as file:
        json.dump(entries, file)


def write_names(host: str, content: str) -> str:
    """Returns the path of the file, which stands in for the host's /etc/hosts."""
    os.makedirs(f"{FOLDER}/names", exist_ok=True)
    path = f"{FOLDER}/names/{host}"
    with open(path, "w") as file:
        file.write(content)
    return path


def read(name: str) -> Namespace:
    with open(HOSTS) as file:
        host = json.load(file)[name]
    namespace = Namespace(name, os.open(host["network"], os.O_RDONLY))
    namespace.names = host["names"]
    return namespace
