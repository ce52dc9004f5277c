from rtcserver.conversation.tool_ledger import OnInterrupt, ToolLedger
from rtcserver.ids import counting_ids

CANCEL, SILENTLY, SPEAK = OnInterrupt


def ledger() -> ToolLedger:
    return ToolLedger(counting_ids())


def test_a_result_counts_once() -> None:
    calls = ledger()
    calls.enter("a", "resp_1")
    assert [calls.answer("a"), calls.answer("a")] == [True, False]


def test_results_come_in_any_order() -> None:
    calls = ledger()
    for call_id in ("a", "b", "c"):
        calls.enter(call_id, "resp_1")
    assert all(calls.answer(call_id) for call_id in ("c", "a", "b"))
    assert not any(calls.takes_result(call_id) for call_id in ("a", "b", "c"))


def test_a_result_of_a_call_that_nobody_made_counts_once_too() -> None:
    calls = ledger()
    assert calls.takes_result("stranger")
    assert [calls.answer("stranger"), calls.answer("stranger")] == [True, False]


def test_a_call_that_takes_the_id_of_another_gets_one_of_its_own() -> None:
    calls = ledger()
    assert calls.enter("call_0", "resp_1") == "call_0"
    calls.answer("call_0")
    second = calls.enter("call_0", "resp_2")
    assert second != "call_0"
    assert calls.answer(second)


def test_a_result_that_was_deleted_may_be_given_again() -> None:
    calls = ledger()
    calls.enter("a", "resp_1")
    calls.answer("a")
    calls.retract("a")
    assert [calls.answer("a"), calls.answer("a")] == [True, False]


def test_an_interruption_cancels_only_what_wants_to_be_cancelled() -> None:
    calls = ledger()
    calls.enter("mine", "resp_1")
    for call_id, policy in (("a", CANCEL), ("b", SILENTLY), ("c", SPEAK)):
        calls.enter(call_id, "resp_1", policy)
    assert calls.interrupt() == ("a",)
    assert calls.running == 3  # until each has its result


def test_what_was_answered_before_is_not_interrupted() -> None:
    calls = ledger()
    calls.enter("a", "resp_1", CANCEL)
    calls.answer("a")
    assert calls.interrupt() == ()
    assert calls.unspoken == {"a"}


def test_a_result_wants_a_response_as_its_policy_says() -> None:
    for policy, unspoken in ((CANCEL, False), (SILENTLY, False), (SPEAK, True)):
        calls = ledger()
        calls.enter("a", "resp_1", policy)
        calls.interrupt()
        calls.answer("a")
        assert calls.due is unspoken


def test_without_an_interruption_every_result_wants_a_response() -> None:
    for policy in OnInterrupt:
        calls = ledger()
        calls.enter("a", "resp_1", policy)
        calls.answer("a")
        assert calls.due


def test_a_response_is_due_once_all_calls_beside_it_are_answered() -> None:
    calls = ledger()
    calls.enter("a", "resp_1", SPEAK)
    calls.enter("b", "resp_1")  # the client's
    calls.enter("other", "resp_2")
    calls.answer("a")
    assert not calls.due
    calls.answer("b")
    assert calls.due


def test_a_response_that_knows_of_a_result_settles_it() -> None:
    calls = ledger()
    calls.enter("a", "resp_1", SPEAK)
    calls.enter("b", "resp_2", SPEAK)
    calls.answer("a")
    known = calls.unspoken
    calls.answer("b")
    calls.tell(known)
    assert calls.unspoken == {"b"}


def test_a_result_of_the_client_wants_no_response_of_ours() -> None:
    calls = ledger()
    calls.enter("a", "resp_1")
    calls.answer("a")
    assert not calls.due


def test_a_deleted_call_of_ours_takes_no_result() -> None:
    calls = ledger()
    calls.enter("a", "resp_1", SPEAK)
    calls.abandon("a")
    assert not calls.awaits("a")
    assert calls.running == 0
    assert not calls.due


def test_a_deleted_call_of_the_client_holds_up_no_response() -> None:
    calls = ledger()
    calls.enter("a", "resp_1", SPEAK)
    calls.enter("b", "resp_1")
    calls.answer("a")
    calls.abandon("b")
    assert calls.due
    assert calls.answer("b")
