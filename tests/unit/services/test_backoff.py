from itertools import islice

from rtcserver.services.connect import backoff, spread


def test_delays_double_up_to_the_longest() -> None:
    delays = backoff(0.1, 1.0, jitter=lambda delay_s: delay_s)
    assert list(islice(delays, 6)) == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


def test_jitter_only_shortens_and_at_most_halves() -> None:
    assert all(0.5 <= spread(1.0) <= 1.0 for _ in range(100))
    assert len({spread(1.0) for _ in range(100)}) > 1
