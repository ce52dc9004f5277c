from rtcserver.services.stt.attention import Attention
from rtcserver.services.stt.deepgram_wire import Results, read
from rtcserver.services.stt.settled import Settled
from rtcserver.turns.hearing import Word
from tests.adapters.stubs.deepgram import results


def said(first: int, end: int, *words: tuple[str, int], **flags: bool) -> Results:
    message = read(results(words, first, end, bare=False, **flags))
    assert isinstance(message, Results)
    return message


def test_a_draft_is_no_word_yet() -> None:
    settled = Settled()
    assert settled.take(said(0, 10, ("HELLO", 3)), 0.8) == []
    assert settled.take(said(0, 12, ("hello", 3), is_final=True), 0.96) == [Word("hello", 0.24)]


def test_a_final_result_that_reaches_the_flush_answers_it_whoever_asked() -> None:
    settled = Settled()
    settled.flush(1, 0.8)
    assert settled.answered(said(0, 10)) == []
    assert settled.answered(said(0, 9, is_final=True)) == []
    assert settled.answered(said(9, 10, is_final=True)) == [1]


def test_a_finalize_answers_the_oldest_flush_even_if_its_time_is_short() -> None:
    settled = Settled()
    settled.flush(1, 0.8)
    settled.flush(2, 1.6)
    assert settled.answered(said(0, 9, is_final=True, from_finalize=True)) == [1]
    assert settled.answered(said(9, 20, is_final=True, from_finalize=True)) == [2]


def test_one_answer_may_do_for_two_flushes() -> None:
    settled = Settled()
    settled.flush(1, 0.8)
    settled.flush(2, 0.8)
    assert settled.answered(said(0, 10, is_final=True, from_finalize=True)) == [1, 2]
    assert settled.answered(said(10, 20, is_final=True, from_finalize=True)) == []


def test_a_flush_that_is_given_up_takes_the_draft_once() -> None:
    settled = Settled()
    settled.flush(1, 0.8)
    settled.flush(2, 0.8)
    settled.take(said(0, 10, ("hello", 3), ("th", 8)), 0.8)
    assert settled.give_up(1) == [Word("hello", 0.24), Word("th", 0.64)]
    assert settled.give_up(2) == []
    late = said(0, 14, ("hello", 3), ("there", 8), ("friend", 11), is_final=True)
    assert settled.take(late, 1.2) == [Word("friend", 0.88)]


def test_a_word_of_the_draft_that_was_given_up_is_not_told_again_when_it_grows() -> None:
    settled = Settled()
    settled.flush(1, 2.0)
    settled.take(said(0, 25, ("a", 8), ("tab", 10)), 2.0)
    assert settled.give_up(1) == [Word("a", 0.64), Word("tab", 0.8)]
    late = said(0, 30, ("a", 8), ("table", 12), ("for", 26), is_final=True)
    assert settled.take(late, 2.4) == [Word("for", 2.08)]


def test_a_flush_that_is_given_up_without_a_draft_costs_no_late_word() -> None:
    settled = Settled()
    settled.flush(1, 0.8)
    assert settled.give_up(1) == []
    assert settled.take(said(0, 10, ("hello", 3), is_final=True), 0.8) == [Word("hello", 0.24)]


def test_an_end_beyond_the_audio_sent_costs_no_word_that_is_said_later() -> None:
    settled = Settled()
    assert settled.take(said(0, 10**9, is_final=True), 0.8) == []
    assert settled.take(said(10, 20, ("hello", 12), is_final=True), 1.6) == [Word("hello", 0.96)]


def test_messages_that_carry_no_words_are_passed_over_and_garbage_is_not() -> None:
    assert read('{"type":"SpeechStarted","timestamp":1.5}') is None
    assert read('{"type":"UtteranceEnd","last_word_end":2.1}') is None
    assert read('{"type":"News","is_final":"perhaps"}') is None
    for garbage in ("", "{", "[]", '{"type":"Results","start":"x"}', "[" * 100_000):
        try:
            read(garbage)
        except ValueError:
            continue
        raise AssertionError(garbage)


def test_much_audio_after_a_flush_without_a_message_shows_that_nobody_listens() -> None:
    attention = Attention()
    assert not attention.lost(messages=7, sent_s=60.0)
    attention.missed(messages=7, sent_s=60.0)
    attention.missed(messages=7, sent_s=64.0)
    assert not attention.lost(messages=7, sent_s=64.9)
    assert attention.lost(messages=7, sent_s=65.0)


def test_a_server_that_said_anything_since_the_flush_listens() -> None:
    attention = Attention()
    attention.missed(messages=7, sent_s=60.0)
    assert not attention.lost(messages=8, sent_s=70.0)
    attention.missed(messages=8, sent_s=70.0)
    assert not attention.lost(messages=8, sent_s=74.0)
