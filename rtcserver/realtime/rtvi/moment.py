"""What a translator has to remember of a call: what the assistant is at, and half-said things."""

from rtcserver.realtime.rtvi.segments import Segments


class Moment:
    """Kept by the server's events, asked by the client's messages."""

    def __init__(self) -> None:
        self.segments = Segments()
        self.playing: str | None = None  # the response that is being heard
        self._responses: set[str] = set()
        self._heard: dict[str, str] = {}  # by item: transcripts that are not final
        self._calls: set[str] = set()
        self._owes_response = False

    @property
    def responding(self) -> bool:
        return bool(self._responses)

    def begin_response(self, response_id: str) -> None:
        self._responses.add(response_id)

    def end_response(self, response_id: str) -> bool:
        """True if the results of its calls are all in, and a response to them is owed."""
        self._responses.discard(response_id)
        owes = self._owes_response and not self._responses and not self._calls
        self._owes_response = self._owes_response and not owes
        return owes

    def hear(self, item_id: str, delta: str) -> str:
        """All that was understood of an item so far."""
        self._heard[item_id] = text = self._heard.get(item_id, "") + delta
        return text

    def heard_out(self, item_id: str) -> None:
        self._heard.pop(item_id, None)

    def call(self, call_id: str) -> None:
        self._calls.add(call_id)

    def answered(self, call_id: str) -> bool:
        """True if a response can be asked for at once. While one is being made it would be
        refused, and before the last result it would not know all."""
        self._calls.discard(call_id)
        self._owes_response = self.responding or bool(self._calls)
        return not self._owes_response
