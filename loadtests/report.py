"""Put what was measured into words: a table for people, JSON for comparisons."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from loadtests.bot import Call
from loadtests.budgets import Verdict
from loadtests.figures import Summary, summarize
from loadtests.turn import FIGURES


@dataclass(frozen=True, slots=True)
class Report:
    calls: Sequence[Call]
    verdicts: Sequence[Verdict]

    @property
    def problems(self) -> list[str]:
        """Why this run has not passed; empty if it has."""
        broken = [
            f"budget broken: {verdict.budget.name}" for verdict in self.verdicts if not verdict.kept
        ]
        return [f"call failed: {call.problem}" for call in self.calls if call.problem] + broken

    def figures(self) -> dict[str, Summary]:
        """The caller's side, over all turns of all calls."""
        measured = [turn.figures() for call in self.calls for turn in call.turns]
        return {name: summarize(m[name] for m in measured if name in m) for name in FIGURES}

    def as_text(self) -> str:
        turns = [turn for call in self.calls for turn in call.turns]
        answered = sum(turn.ended and not turn.problem for turn in turns)
        lines = [
            f"{len(self.calls)} calls, {answered} of {len(turns)} turns answered",
            "",
            _row("caller's side", "count", "mean", "median", "p90", "p95"),
            *(
                _row(name, str(s.count), *map(_short, (s.mean, s.median, s.p90, s.p95)))
                for name, s in self.figures().items()
            ),
            "",
            _row("server's side", "count", "p95", "budget", "kept"),
            *(_row(v.budget.name, str(v.count), *_verdict(v)) for v in self.verdicts),
            "",
            *(self.problems or ["all budgets kept"]),
        ]
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """NaN and infinity become null: JSON has no word for them."""
        return {
            "figures": {n: _finite(asdict(summary)) for n, summary in self.figures().items()},
            "budgets": [_finite(asdict(v) | {"budget": asdict(v.budget)}) for v in self.verdicts],
            "calls": [
                {
                    "problem": call.problem,
                    "turns": [
                        {
                            "said": turn.said,
                            "heard": turn.heard,
                            "answered": turn.answered,
                            "audio_s": turn.audio_s,
                            **turn.figures(),
                        }
                        for turn in call.turns
                    ],
                }
                for call in self.calls
            ],
            "problems": self.problems,
        }


def _row(first: str, *others: str) -> str:
    return f"{first:22}" + "".join(f"{other:>10}" for other in others)


def _short(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _verdict(verdict: Verdict) -> tuple[str, str, str]:
    budget = verdict.budget
    edge = f"{'>' if budget.above else '<'} {budget.edge:g}"
    return _short(verdict.p95), edge, "yes" if verdict.kept else "NO"


def _finite(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in fields.items()
    }
