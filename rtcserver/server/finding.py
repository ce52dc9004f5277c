"""What an examination found."""

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    GOOD = "ok"
    POOR = "poor"  # it works, but less well
    BAD = "BAD"


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    verdict: Verdict
    detail: str
