"""Decide whether one more call may begin: for the house, and for the client that asks."""

from collections.abc import Collection

from rtcserver.errors import CapacityError, RateLimited

_RETRY_AFTER_S = 5  # a place comes free when somebody hangs up
_MINUTE_S = 60.0
_TIDY_AT = 1_000  # clients remembered


class Bucket:
    """Full at first; every call takes one token, and one comes back every `interval_s`."""

    def __init__(self, size: int, interval_s: float, now: float) -> None:
        self._size, self._interval_s = size, interval_s
        self._full_at = now  # one number holds it all: each token taken is an interval later

    def wait_s(self, now: float) -> float:
        """Seconds until there is a token; 0 if there is one."""
        return max(0.0, self._full_at - now - (self._size - 1) * self._interval_s)

    def take(self, now: float) -> None:
        self._full_at = max(self._full_at, now) + self._interval_s

    def full(self, now: float) -> bool:
        return self._full_at <= now


class Admission:
    """Knows who began calls lately; who is in one now is told to it."""

    def __init__(self, max_calls: int, max_per_client: int, per_minute: int) -> None:
        """0 for either limit of a client is none."""
        self._max_calls, self._max_per_client = max_calls, max_per_client
        self._per_minute = per_minute
        self._buckets: dict[str, Bucket] = {}

    def check(self, client: str, active: Collection[str], now: float) -> None:
        """`active` has the client of each call in progress. Raises CapacityError, or RateLimited
        if it is this client's own limit."""
        if len(active) >= self._max_calls:
            raise CapacityError(
                f"All {self._max_calls} lines are busy.", retry_after_s=_RETRY_AFTER_S
            )
        if 0 < self._max_per_client <= sum(other == client for other in active):
            raise RateLimited(
                f"You have {self._max_per_client} calls, and more are not allowed at once.",
                retry_after_s=_RETRY_AFTER_S,
            )
        bucket = self._buckets.get(client)
        if bucket and (wait_s := bucket.wait_s(now)):
            raise RateLimited(
                f"You may begin {self._per_minute} calls in a minute.",
                retry_after_s=int(wait_s) + 1,
            )

    def began(self, client: str, now: float) -> None:
        if not self._per_minute:
            return
        if len(self._buckets) >= _TIDY_AT:
            self._buckets = {name: b for name, b in self._buckets.items() if not b.full(now)}
        fresh = Bucket(self._per_minute, _MINUTE_S / self._per_minute, now)
        self._buckets.setdefault(client, fresh).take(now)
