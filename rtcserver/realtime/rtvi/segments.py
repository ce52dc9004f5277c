"""Cut what the assistant says into the sentences that RTVI calls segments of its output."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_END = re.compile(r"[.!?…。！？][\"'»”)\]]*\s*$")


@dataclass(slots=True)
class _Segment:
    number: int
    text: str
    heard: str = ""

    def told(self) -> dict[str, Any]:
        status = "completed" if self.heard == self.text else "in-progress" if self.heard else "new"
        rest = self.text[len(self.heard) :]
        progress = {"accumulated_text": self.heard, "remaining_text": rest}
        spoken = {"will_be_spoken": True, "spoken_status": status, "spoken_progress": progress}
        return self.written() | spoken

    def written(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "aggregated_by": "sentence",
            "segment_id": self.number,
            "will_be_spoken": False,
            "spoken_status": "new",
        }


@dataclass(slots=True)
class _Answer:
    rest: str = ""  # of a sentence that has not ended
    segments: list[_Segment] = field(default_factory=list)


class Segments:
    """Tells each sentence of an answer as it becomes known, and again as it is heard."""

    def __init__(self) -> None:
        self._count = 0
        self._answers: dict[str, _Answer] = {}  # by response; the next is made while one is heard

    def push(self, response_id: str, delta: str, *, spoken: bool) -> Iterator[dict[str, Any]]:
        answer = self._answers.setdefault(response_id, _Answer())
        answer.rest += delta
        if _END.search(answer.rest):
            yield from self.end(response_id, spoken=spoken)

    def end(self, response_id: str, *, spoken: bool) -> Iterator[dict[str, Any]]:
        """What is left of an answer is a segment too."""
        answer = self._answers.setdefault(response_id, _Answer())
        text, answer.rest = answer.rest.strip(), ""
        if text:
            self._count += 1
            segment = _Segment(self._count, text)
            answer.segments.append(segment)
            yield segment.told() if spoken else segment.written()

    def heard(self, response_id: str, prefix: str) -> Iterator[dict[str, Any]]:
        """`prefix` of the answer was heard so far."""
        for segment in self._answers.get(response_id, _Answer()).segments:
            prefix = prefix.lstrip()
            heard = segment.text if prefix.startswith(segment.text) else prefix
            prefix = prefix[len(heard) :]
            if len(heard) > len(segment.heard) and segment.text.startswith(heard):
                segment.heard = heard
                yield segment.told()

    def spoken(self, response_id: str) -> Iterator[dict[str, Any]]:
        """The whole answer was heard."""
        for segment in self._answers.pop(response_id, _Answer()).segments:
            if segment.heard != segment.text:
                segment.heard = segment.text
                yield segment.told()

    def forget(self, response_id: str) -> None:
        """What of it was not heard yet will not be."""
        self._answers.pop(response_id, None)
