"""How long nobody has spoken since the assistant last did."""

from rtcserver.turns.floor import Floor, Signal


class Idle:
    """Counts from the end of the first response on, whenever the floor is open.

    OpenAI: "the timeout value will be applied after the last model response's audio has finished
    playing". So no caller is hurried before the assistant has said anything."""

    def __init__(self) -> None:
        self.position = 0  # of the caller's audio, in samples, where the silence began
        self._answered = False
        self._since: float | None = None

    def follow(self, floor: Floor, signal: Signal, now: float, position: int) -> None:
        """The floor has changed, by this signal."""
        self._answered = self._answered or signal is Signal.RESPONSE_OVER
        idle = floor is Floor.OPEN and self._answered
        self._since, self.position = (now, position) if idle else (None, self.position)

    def due_at(self, timeout_s: float | None) -> float | None:
        """When this silence has lasted too long, if it can."""
        return None if timeout_s is None or self._since is None else self._since + timeout_s
