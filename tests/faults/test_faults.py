"""Every service with every fault: the call goes on, the next turn works, and nothing is left."""

import pytest

from rtcserver.config import Session, Settings
from tests.adapters.stubs.faults import Fault
from tests.faults.backends import BACKENDS
from tests.faults.house import call

FIRST_S, MENDED_S, NEXT_S = 1.0, 15.0, 25.0  # later than the longest limit, that of a ping: 15 s

SORRY = Session().apology_text

Row = tuple[str, Fault, int, list[str], list[str]]
TABLE: list[Row] = [
    # who, what, after how much, how the first turn's responses end, what the client is told
    # A transcriber's words are lost with its connection, but a new one is there in 100 ms.
    ("kyutai stt", Fault.SLOW, 0, [], ["stt_unavailable"]),
    ("kyutai stt", Fault.FULL, 0, [], ["stt_unavailable"]),
    ("kyutai stt", Fault.SILENT, 16, [], []),
    ("kyutai stt", Fault.LYING, 16, ["completed"], []),
    ("kyutai stt", Fault.HALF_DEAD, 16, [], []),
    ("kyutai stt", Fault.CUT, 16, ["completed"], []),
    ("kyutai stt", Fault.GARBAGE, 16, ["completed"], []),
    ("kyutai stt", Fault.ERROR, 16, ["completed"], []),
    ("kyutai stt", Fault.GOODBYE, 16, ["completed"], []),
    # What a request for a transcript did not bring is lost, and told.
    ("openai stt", Fault.SLOW, 0, [], ["stt_unavailable"]),
    ("openai stt", Fault.FULL, 0, [], ["stt_unavailable"]),
    ("openai stt", Fault.SILENT, 0, [], ["stt_unavailable"]),
    ("openai stt", Fault.LYING, 0, [], []),
    ("openai stt", Fault.HALF_DEAD, 0, [], ["stt_unavailable"]),
    ("openai stt", Fault.CUT, 0, [], ["stt_unavailable"]),
    ("openai stt", Fault.GARBAGE, 0, [], ["stt_unavailable"]),
    ("openai stt", Fault.ERROR, 0, [], ["stt_unavailable"]),
    ("openai stt", Fault.GOODBYE, 0, [], ["stt_unavailable"]),
    # The session replaces this one, and tells of it. Its last draft is a word all the same.
    ("deepgram stt", Fault.SLOW, 0, [], ["stt_unavailable"]),
    ("deepgram stt", Fault.FULL, 0, [], ["stt_unavailable"]),
    ("deepgram stt", Fault.SILENT, 16, ["completed"], ["stt_unavailable"]),
    ("deepgram stt", Fault.LYING, 16, [], []),
    ("deepgram stt", Fault.HALF_DEAD, 16, ["completed"], ["stt_unavailable"]),
    ("deepgram stt", Fault.CUT, 16, ["completed"], ["stt_unavailable"]),
    ("deepgram stt", Fault.GARBAGE, 16, ["completed"], ["stt_unavailable"]),
    ("deepgram stt", Fault.ERROR, 16, ["completed"], ["stt_unavailable"]),
    ("deepgram stt", Fault.GOODBYE, 16, ["completed"], ["stt_unavailable"]),
    ("openai chat", Fault.SLOW, 0, ["failed"], ["llm_failed"]),
    ("openai chat", Fault.FULL, 0, ["failed"], ["llm_failed"]),
    ("openai chat", Fault.SILENT, 1, ["failed"], ["llm_failed"]),
    ("openai chat", Fault.LYING, 0, ["failed"], ["llm_failed"]),
    ("openai chat", Fault.HALF_DEAD, 0, ["failed"], ["llm_failed"]),
    ("openai chat", Fault.CUT, 1, ["failed"], ["llm_failed"]),
    ("openai chat", Fault.GARBAGE, 1, ["failed"], ["llm_failed"]),
    ("openai chat", Fault.ERROR, 1, ["failed"], ["llm_failed"]),
    ("openai chat", Fault.GOODBYE, 1, ["failed"], ["llm_failed"]),
    ("kyutai tts", Fault.SLOW, 0, ["failed"], ["tts_failed"]),
    ("kyutai tts", Fault.FULL, 0, ["failed"], ["tts_failed"]),
    ("kyutai tts", Fault.SILENT, 1, ["failed"], ["tts_failed"]),
    ("kyutai tts", Fault.LYING, 0, ["failed"], ["tts_failed"]),
    ("kyutai tts", Fault.HALF_DEAD, 1, ["failed"], ["tts_failed"]),
    ("kyutai tts", Fault.CUT, 1, ["failed"], ["tts_failed"]),
    ("kyutai tts", Fault.GARBAGE, 1, ["failed"], ["tts_failed"]),
    ("kyutai tts", Fault.ERROR, 1, ["failed"], ["tts_failed"]),
    ("kyutai tts", Fault.GOODBYE, 1, ["failed"], ["tts_failed"]),
    # PCM that ends too soon, but in good order, is a short clause: nothing tells how long it is.
    ("openai tts", Fault.SLOW, 0, ["failed"], ["tts_failed"]),
    ("openai tts", Fault.FULL, 0, ["failed"], ["tts_failed"]),
    ("openai tts", Fault.SILENT, 0, ["failed"], ["tts_failed"]),
    ("openai tts", Fault.LYING, 0, ["failed"], ["tts_failed"]),
    ("openai tts", Fault.HALF_DEAD, 0, ["failed"], ["tts_failed"]),
    ("openai tts", Fault.CUT, 0, ["failed"], ["tts_failed"]),
    ("openai tts", Fault.GARBAGE, 0, ["failed"], ["tts_failed"]),
    ("openai tts", Fault.ERROR, 0, ["failed"], ["tts_failed"]),
    ("openai tts", Fault.GOODBYE, 0, ["completed"], []),
    ("elevenlabs tts", Fault.SLOW, 0, ["failed"], ["tts_failed"]),
    ("elevenlabs tts", Fault.FULL, 0, ["failed"], ["tts_failed"]),
    ("elevenlabs tts", Fault.SILENT, 0, ["failed"], ["tts_failed"]),
    ("elevenlabs tts", Fault.LYING, 0, ["failed"], ["tts_failed"]),
    ("elevenlabs tts", Fault.HALF_DEAD, 0, ["failed"], ["tts_failed"]),
    ("elevenlabs tts", Fault.CUT, 0, ["failed"], ["tts_failed"]),
    ("elevenlabs tts", Fault.GARBAGE, 0, ["failed"], ["tts_failed"]),
    ("elevenlabs tts", Fault.ERROR, 0, ["failed"], ["tts_failed"]),
    ("elevenlabs tts", Fault.GOODBYE, 0, ["failed"], ["tts_failed"]),
]


def _name(row: Row) -> str:
    return f"{row[0]} {row[1].name.lower()}".replace(" ", "-")


@pytest.mark.parametrize("row", TABLE, ids=_name)
def test_a_fault_costs_a_turn_at_most(row: Row) -> None:
    faulty, fault, after, first, told = row
    made = call(faulty, fault, after=after, turns=(FIRST_S, NEXT_S), mended_s=MENDED_S)
    assert made.reason == "the caller has left"
    assert made.statuses(till=NEXT_S) == first
    assert [event.error.code for event in made.events("error")] == told  # type: ignore[attr-defined]
    if first == ["failed"]:
        assert made.transcript().endswith(SORRY)
    assert made.statuses(NEXT_S) == ["completed"]
    assert made.sound_s(NEXT_S) == pytest.approx(0.48)


@pytest.mark.parametrize("backend", BACKENDS)
def test_without_a_fault_every_turn_is_answered(backend: str) -> None:
    made = call(backend, None, turns=(1.0, 5.0), mended_s=0)
    assert made.statuses() == ["completed", "completed"]
    assert made.events("error") == []


def test_the_table_has_every_fault_of_every_backend() -> None:
    assert {row[:2] for row in TABLE} == {(name, fault) for name in BACKENDS for fault in Fault}


LISTENING: list[tuple[str, str, Fault, float]] = [
    # how an apology is made, who breaks and how, seconds of sound of the first turn: 0.24 a word
    ("spoken", "openai chat", Fault.CUT, 0.24 * 10),
    ("written", "openai chat", Fault.CUT, 0.0),
    ("off", "openai chat", Fault.CUT, 0.0),
    ("spoken", "kyutai tts", Fault.FULL, 0.0),  # there is no voice for it
]


@pytest.mark.parametrize(("apology", "faulty", "fault", "sound_s"), LISTENING)
def test_an_apology_is_made_as_it_was_set(
    apology: str, faulty: str, fault: Fault, sound_s: float
) -> None:
    settings = Settings(session=Session.model_validate({"apology": apology}))
    made = call(faulty, fault, turns=(1.0, 10.0), mended_s=9.0, settings=settings)
    assert made.statuses() == ["failed", "completed"]
    assert made.sound_s(till=10.0) == pytest.approx(sound_s)
    assert made.transcript().endswith(SORRY) == (apology != "off")


BESIDE: list[tuple[str, Fault, int, list[str]]] = [
    # who, what, after how much, how the response ends that could be made elsewhere
    ("kyutai stt", Fault.FULL, 0, ["completed"]),
    ("kyutai stt", Fault.SLOW, 0, ["completed"]),
    ("openai chat", Fault.FULL, 0, ["completed"]),
    ("openai chat", Fault.HALF_DEAD, 0, ["completed"]),
    ("openai chat", Fault.CUT, 0, ["failed"]),  # it has answered, though not a word
    ("openai chat", Fault.CUT, 1, ["failed"]),
    ("kyutai tts", Fault.FULL, 0, ["completed"]),
    ("kyutai tts", Fault.SLOW, 0, ["completed"]),
    ("kyutai tts", Fault.CUT, 1, ["failed"]),
]


@pytest.mark.parametrize(("faulty", "fault", "after", "ends"), BESIDE)
def test_with_an_instance_beside_it_a_fault_before_the_answer_costs_nothing(
    faulty: str, fault: Fault, after: int, ends: list[str]
) -> None:
    turns = (3.0, 25.0)  # a transcriber is found within the first 2 s
    made = call(faulty, fault, after=after, turns=turns, mended_s=20.0, beside=1)
    assert made.statuses() == [*ends, "completed"]
