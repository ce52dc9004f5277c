from dataclasses import dataclass, field

from rtcserver.services.standing import Load, Standing, best_first


@dataclass(eq=False)
class One:
    name: str
    standing: Standing = field(default_factory=Standing)


def names(*kinds: list[One], now: float = 0.0) -> str:
    return "".join(one.name for one in best_first(kinds, now))


def test_alike_instances_keep_their_order() -> None:
    assert names([One("a"), One("b")], [One("c")]) == "abc"


def test_the_smallest_share_of_slots_in_use_is_the_best() -> None:
    a, b = One("a"), One("b")
    a.standing.told(Load(used=3, total=4))
    b.standing.told(Load(used=6, total=16))
    assert names([a, b]) == "ba"


def test_our_own_leases_since_it_told_count_on_top() -> None:
    a, b = One("a"), One("b")
    a.standing.leases = 2
    a.standing.told(Load(used=2, total=4))
    b.standing.told(Load(used=1, total=4))
    b.standing.leases = 2
    assert names([a, b]) == "ab"


def test_where_no_load_is_told_our_own_leases_count() -> None:
    a, b = One("a"), One("b")
    a.standing.leases = 1
    assert names([a, b]) == "ba"


def test_a_kind_is_left_only_when_it_has_nothing_more_to_try() -> None:
    a, b, c = One("a"), One("b"), One("c")
    a.standing.told(Load(used=4, total=4))
    assert names([a, b], [c]) == "bac"


def test_one_that_refused_is_taken_for_full_for_a_second() -> None:
    a, b = One("a"), One("b")
    a.standing.refused(now=10.0)
    assert names([a, b], now=10.9) == "ba"
    assert names([a, b], now=11.0) == "ab"


def test_one_that_lags_behind_its_audio_comes_after_fuller_ones() -> None:
    a, b = One("a"), One("b")
    a.standing.told(Load(used=1, total=4, backlog_s=0.6))
    b.standing.told(Load(used=3, total=4, backlog_s=0.1))
    assert names([a, b]) == "ba"


def test_one_that_is_down_is_tried_after_every_other_kind() -> None:
    a, b, c = One("a"), One("b"), One("c")
    a.standing.down = True
    assert names([a, b], [c]) == "bca"
    a.standing.down = False
    assert names([a, b], [c]) == "abc"


def test_what_cannot_be_opened_is_left_alone_twice_as_long_each_time() -> None:
    standing = Standing()
    standing.failed(10.0)
    assert (standing.may_return(11.9), standing.may_return(12.0)) == (False, True)
    standing.failed(12.0)
    assert (standing.may_return(15.9), standing.may_return(16.0)) == (False, True)
    for _ in range(10):
        standing.failed(100.0)
    assert (standing.may_return(159.0), standing.may_return(160.0)) == (False, True)


def test_once_it_opens_the_shortest_time_will_do_again() -> None:
    standing = Standing()
    standing.failed(0.0)
    standing.failed(2.0)
    standing.opened()
    standing.failed(10.0)
    assert standing.may_return(12.0)
