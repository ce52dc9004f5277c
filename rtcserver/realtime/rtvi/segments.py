"""Cut what the assistant says into the sentences that RTVI calls segments of its output."""

import re
from collections.abc import Iterator
from typing import Any

_END = re.compile(r"[.!?…。！？][\"'»”)\]]*\s*$")


class Segments:
    """Tells each sentence as it becomes known, and again once all of it was spoken."""

    def __init__(self) -> None:
        self._count = 0
        self._text = ""
        self._unspoken: list[dict[str, Any]] = []

    def push(self, delta: str, *, spoken: bool) -> Iterator[dict[str, Any]]:
        self._text += delta
        if _END.search(self._text):
            yield from self.end(spoken=spoken)

    def end(self, *, spoken: bool) -> Iterator[dict[str, Any]]:
        """What is left is a segment too."""
        text, self._text = self._text.strip(), ""
        if not text:
            return
        self._count += 1
        segment: dict[str, Any] = {
            "text": text,
            "aggregated_by": "sentence",
            "segment_id": self._count,
            "will_be_spoken": spoken,
            "spoken_status": "new",
        }
        if spoken:
            self._unspoken.append(segment)
            segment = segment | {"spoken_progress": _progress(heard="", rest=text)}
        yield segment

    def spoken(self) -> Iterator[dict[str, Any]]:
        """All that was told has been heard."""
        segments, self._unspoken = self._unspoken, []
        for segment in segments:
            progress = _progress(heard=segment["text"], rest="")
            yield segment | {"spoken_status": "completed", "spoken_progress": progress}

    def forget(self) -> None:
        """What was not spoken yet will not be."""
        self._text = ""
        self._unspoken.clear()


def _progress(*, heard: str, rest: str) -> dict[str, str]:
    return {"accumulated_text": heard, "remaining_text": rest}
