"""Something to await whose first step, up to where it first waits, is run by somebody else, such as a thread."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator


T = TypeVar("T")


class FirstStepIn(Generic[T]):  # noqa: UP046 - unit tests run on the machine's own Python, which may not know the newer form
    def __init__(self, work: Coroutine[Any, Any, T], run: Callable[[Callable[[], Any]], Any]) -> None:
        self._work, self._run = work, run

    def __await__(self) -> Generator[Any, Any, T]:
        loop = asyncio.get_running_loop()

        def step() -> tuple[bool, Any]:
            around = asyncio._get_running_loop()
            asyncio._set_running_loop(loop)
            try:
                return False, self._work.send(None)
            except StopIteration as end:
                return True, end.value
            finally:
                asyncio._set_running_loop(around)

        ended, value = self._run(step)
        if ended:
            return value  # type: ignore[no-any-return]
        yield value
        return (yield from self._work.__await__())
