"""Something to await whose first step, up to where it first waits, runs in a context that must not be awaited in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator
    from contextlib import AbstractContextManager


T = TypeVar("T")


class FirstStepIn(Generic[T]):  # noqa: UP046 - unit tests run on the machine's own Python, which may not know the newer form
    def __init__(self, work: Coroutine[Any, Any, T], context: Callable[[], AbstractContextManager[None]]) -> None:
        self._work, self._context = work, context

    def __await__(self) -> Generator[Any, Any, T]:
        try:
            with self._context():
                waits_for = self._work.send(None)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        yield waits_for
        return (yield from self._work.__await__())
