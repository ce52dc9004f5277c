"""Which clips the model hears next, and which together: a queue with two priorities."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Policy:
    """`lanes` passes at once, each of up to `batch` clips; the first of a batch waits up to
    `window_s` for others."""

    lanes: int
    batch: int = 1
    window_s: float = 0.0


ON_GPU = Policy(lanes=1, batch=8, window_s=0.05)
"""A pass of eight clips takes a GPU little longer than one of a single clip. On a CPU it takes
eight times as long, so there the clips go side by side."""


class Line(Generic[T]):
    """Final passes go first; a guess in between is only made where nobody has to wait for it."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._finals: list[tuple[float, T]] = []
        self._guesses: list[tuple[float, T]] = []
        self._running = 0

    @property
    def has_room(self) -> bool:
        """Whether a guess that is put now would be heard with the next pass, and now."""
        free = self._policy.lanes - self._running
        return len(self._finals) + len(self._guesses) < free * self._policy.batch

    def put(self, item: T, now: float, *, final: bool) -> None:
        (self._finals if final else self._guesses).append((now, item))

    def leave(self, item: T) -> None:
        """Whoever has put it no longer waits for it. It may have been taken before."""
        for kind in (self._finals, self._guesses):
            kind[:] = [entry for entry in kind if entry[1] is not item]

    def take(self, now: float) -> list[T]:
        """The next batch, all of one kind; empty if none is due. Its lane is taken until done()."""
        due = self.due()
        if due is None or now < due:
            return []
        kind = self._finals or self._guesses
        batch = [item for _, item in kind[: self._policy.batch]]
        del kind[: len(batch)]
        self._running += 1
        return batch

    def done(self) -> None:
        self._running -= 1

    def due(self) -> float | None:
        """When take() will give something; None until something is put, or done."""
        kind = self._finals or self._guesses
        if not kind or self._running >= self._policy.lanes:
            return None
        if len(kind) >= self._policy.batch:
            return kind[0][0]
        return kind[0][0] + self._policy.window_s
