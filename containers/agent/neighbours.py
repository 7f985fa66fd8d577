"""What each namespace knows of its neighbours' link-layer addresses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .protocol import Refused
from .wiring import tool

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .namespaces import Namespaces


async def flush_neighbours(namespaces: Namespaces, names: Iterable[str]) -> None:
    """Forgets them: the next packet asks by ARP or neighbour discovery again, with the rules that hold now."""

    async def flush(name: str) -> None:
        status, _, err = await tool(namespaces, name, ["ip", "neighbour", "flush", "all"])
        if status != 0:
            raise Refused(f"ip failed in {name}: {err.strip()}", "wiring")

    await asyncio.gather(*map(flush, names))
