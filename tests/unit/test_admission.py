"""Who may begin a call."""

import pytest

from rtcserver.errors import CapacityError, RateLimited
from rtcserver.session.admission import Admission, Bucket


def test_a_bucket_gives_what_it_holds_and_then_one_token_an_interval() -> None:
    bucket = Bucket(size=2, interval_s=30.0, now=100.0)
    bucket.take(100.0)
    assert bucket.wait_s(100.0) == 0
    bucket.take(100.0)
    assert bucket.wait_s(100.0) == 30.0
    assert bucket.wait_s(129.0) == 1.0
    assert bucket.wait_s(130.0) == 0
    assert not bucket.full(159.0)
    assert bucket.full(160.0)


def test_a_bucket_that_rested_holds_no_more_than_its_size() -> None:
    bucket = Bucket(size=2, interval_s=30.0, now=0.0)
    bucket.take(10_000.0)
    bucket.take(10_000.0)
    assert bucket.wait_s(10_000.0) == 30.0


def test_a_full_house_is_nobodys_fault() -> None:
    door = Admission(max_calls=2, max_per_client=0, per_minute=0)
    door.check("a", ["a"], now=0.0)
    with pytest.raises(CapacityError, match="All 2 lines are busy") as full:
        door.check("a", ["a", "b"], now=0.0)
    assert not isinstance(full.value, RateLimited)
    assert full.value.retry_after_s == 5


def test_a_client_over_its_own_limit_does_not_shut_out_another() -> None:
    door = Admission(max_calls=9, max_per_client=1, per_minute=0)
    with pytest.raises(RateLimited, match="You have 1 calls"):
        door.check("a", ["a"], now=0.0)
    door.check("b", ["a"], now=0.0)


def test_a_client_that_calls_too_often_is_told_when_to_call_again() -> None:
    door = Admission(max_calls=9, max_per_client=0, per_minute=2)
    for _ in range(2):
        door.check("a", [], now=7.0)
        door.began("a", now=7.0)
    with pytest.raises(RateLimited, match="2 calls in a minute") as limited:
        door.check("a", [], now=8.5)
    assert limited.value.retry_after_s == 29
    door.check("b", [], now=8.5)
    door.check("a", [], now=37.0)
