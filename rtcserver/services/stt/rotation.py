"""When to leave a connection whose model is near the end of its positions. Pure."""

from rtcserver.audio.format import Samples
from rtcserver.audio.level import dbfs

_QUIET_DBFS = -50.0
_QUIET_RUN = 6  # frames, 0.5 s: longer than the gaps inside a sentence
_RETRY_FRAMES = 375  # 30 s; a server that had no second slot may have one by then


class Rotation:
    """Counted in the frames that one connection was sent, of `most` it may be. At first it waits
    for a pause of the caller, then for any quiet frame, and at last for nothing."""

    def __init__(self, most: int) -> None:
        self._from, self._soon = most - most // 8, most - most // 16
        self._overdue = most - most // 64  # room for the silence that a flush puts in
        self._quiet = 0

    def heard(self, frame: Samples) -> None:
        self._quiet = self._quiet + 1 if dbfs(frame) < _QUIET_DBFS else 0

    def paused(self) -> None:
        """A flush was asked for: that comes in pauses, however loud the place."""
        self._quiet = _QUIET_RUN

    def postpone(self, sent: int) -> None:
        """There was no second connection to be had."""
        self._from = min(sent + _RETRY_FRAMES, self._soon)

    def due(self, sent: int) -> bool:
        """Whether to change over now: no word is torn, or there is no more time."""
        quiet = 1 if self.urgent(sent) else _QUIET_RUN
        return sent >= self._overdue or (sent >= self._from and self._quiet >= quiet)

    def urgent(self, sent: int) -> bool:
        """Whether to leave even if there is nothing yet to change over to."""
        return sent >= self._soon
