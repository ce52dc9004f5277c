"""Every function call of a conversation by its call_id: who runs it, and whether it is answered."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum


class OnInterrupt(StrEnum):
    """What becomes of a tool of the server's own that runs when the caller interrupts."""

    CANCEL = "cancel"
    FINISH_SILENTLY = "finish_silently"
    FINISH_AND_SPEAK = "finish_and_speak"


@dataclass(slots=True)
class _Call:
    response_id: str | None  # None: nobody of ours made it
    on_interrupt: OnInterrupt | None  # None: the client runs it
    answered: bool = False
    silent: bool = False  # its result waits to be asked for


class ToolLedger:
    """A call is entered when the model makes it and answered once, by whoever runs it; neither the
    end of its response nor an interruption takes it out.

    Results of the server's own tools want a response. It is due once every call that was made
    beside them is answered: what the client runs, the client asks for itself.
    """

    def __init__(self, new_id: Callable[[str], str]) -> None:
        self._new_id = new_id
        self._calls: dict[str, _Call] = {}
        self._unspoken: set[str] = set()

    def enter(
        self, call_id: str, response_id: str | None, on_interrupt: OnInterrupt | None = None
    ) -> str:
        """A call was made. Returns the id it goes by: some servers number the calls of each
        response from zero, and then a new one is found."""
        if call_id in self._calls:
            call_id = self._new_id("call")
        self._calls[call_id] = _Call(response_id, on_interrupt)
        return call_id

    def awaits(self, call_id: str) -> bool:
        call = self._calls.get(call_id)
        return call is not None and not call.answered

    def answer(self, call_id: str) -> bool:
        """A result has come, to a call that may be unknown. False if there was one before."""
        call = self._calls.setdefault(call_id, _Call(None, None))
        first, call.answered = not call.answered, True
        if first and call.on_interrupt is not None and not call.silent:
            self._unspoken.add(call_id)
        return first

    def takes_result(self, call_id: str) -> bool:
        """True for an unknown call as well: its result is taken once."""
        call = self._calls.get(call_id)
        return call is None or not call.answered

    def retract(self, call_id: str) -> None:
        """The item of its result was deleted: a result that comes now is the first again."""
        if call := self._calls.get(call_id):
            call.answered = False

    def abandon(self, call_id: str) -> None:
        """The item of the call was deleted: nothing waits for its result any more."""
        if call := self._calls.get(call_id):
            call.response_id, call.silent = None, True
            call.answered = call.answered or call.on_interrupt is not None
        self._unspoken.discard(call_id)

    def interrupt(self) -> tuple[str, ...]:
        """The caller has taken the floor. Returns the calls that are to be cancelled."""
        running = {
            call_id: call
            for call_id, call in self._calls.items()
            if call.on_interrupt is not None and not call.answered
        }
        for call in running.values():
            call.silent = call.on_interrupt is not OnInterrupt.FINISH_AND_SPEAK
        return tuple(
            call_id for call_id, call in running.items() if call.on_interrupt is OnInterrupt.CANCEL
        )

    @property
    def running(self) -> int:
        """How many of the server's own tools are at work."""
        return sum(
            call.on_interrupt is not None and not call.answered for call in self._calls.values()
        )

    @property
    def unspoken(self) -> frozenset[str]:
        """Results that no response knows of yet."""
        return frozenset(self._unspoken)

    @property
    def due(self) -> bool:
        """Is a response to be made for results?"""
        if not self._unspoken:
            return False
        made_beside = {self._calls[call_id].response_id for call_id in self._unspoken}
        return all(
            call.answered for call in self._calls.values() if call.response_id in made_beside
        )

    def tell(self, call_ids: Iterable[str]) -> None:
        """A response is being made that knows these results."""
        self._unspoken.difference_update(call_ids)
