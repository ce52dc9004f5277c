"""Tell a server that does not listen any more from one that has nothing to say. Pure."""

_ENOUGH_S = 5.0  # of audio; there are interim results of silence too, about one a second


class Attention:
    """A flush may lawfully go unanswered. But when much audio follows it, and still not a message
    comes, then nobody is there, though the connection stands."""

    def __init__(self) -> None:
        self._missed: tuple[int, float] | None = None

    def missed(self, messages: int, sent_s: float) -> None:
        """A flush was given up that brought no message; so many came in all."""
        if self._missed is None or self._missed[0] != messages:
            self._missed = messages, sent_s

    def lost(self, messages: int, sent_s: float) -> bool:
        if self._missed is None or self._missed[0] != messages:
            return False
        return sent_s - self._missed[1] >= _ENOUGH_S
