"""Take what a model thinks out of what it says. Pure."""

_OPEN, _CLOSE = "<think>", "</think>"


class ThinkFilter:
    """Drops `<think>…</think>`, however the stream is split."""

    def __init__(self) -> None:
        self._rest = ""
        self._thinking = False

    def push(self, text: str) -> str:
        """What may be said now; the beginning of a tag is held back."""
        said, rest = "", self._rest + text
        while self._tag in rest:
            before, _, rest = rest.partition(self._tag)
            said += "" if self._thinking else before
            self._thinking = not self._thinking
        held = _overlap(rest, self._tag)
        self._rest = rest[len(rest) - held :]
        return said if self._thinking else said + rest[: len(rest) - held]

    def flush(self) -> str:
        """What was held back and turned out to be no tag."""
        rest, self._rest = self._rest, ""
        return "" if self._thinking else rest

    @property
    def _tag(self) -> str:
        return _CLOSE if self._thinking else _OPEN


def _overlap(text: str, tag: str) -> int:
    """Length of the longest end of `text` that begins `tag`."""
    return next(n for n in range(len(tag) - 1, -1, -1) if text.endswith(tag[:n]))
