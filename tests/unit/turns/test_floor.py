import pytest

from rtcserver.turns.floor import TABLE, Floor, Move, Signal, TurnMachine, mermaid


def walk(*signals: Signal) -> tuple[Floor, list[Move]]:
    machine = TurnMachine()
    moves = [move for signal in signals for move in machine.handle(signal)]
    return machine.floor, moves


def test_a_turn_with_a_prepared_answer() -> None:
    floor, moves = walk(
        Signal.SPEECH_STARTED,
        Signal.SPEECH_PAUSED,
        Signal.TRANSCRIPT_READY,
        Signal.SPEECH_STOPPED,
    )
    assert floor is Floor.ASSISTANT
    assert moves == [
        Move.ANNOUNCE_START,
        Move.FLUSH,
        Move.PREPARE,
        Move.ANNOUNCE_STOP,
        Move.COMMIT,
        Move.COMPLETE,
        Move.RESPOND,
    ]


def test_resumed_speech_throws_the_prepared_answer_away() -> None:
    floor, moves = walk(
        Signal.SPEECH_STARTED,
        Signal.SPEECH_PAUSED,
        Signal.TRANSCRIPT_READY,
        Signal.SPEECH_STARTED,
    )
    assert (floor, moves[-1]) == (Floor.USER, Move.DISCARD)


def test_a_signal_that_means_nothing_is_ignored() -> None:
    assert walk(Signal.SPEECH_STOPPED, Signal.TIMED_OUT) == (Floor.OPEN, [])


@pytest.mark.parametrize("floor", Floor)
def test_every_floor_can_be_reached_and_left(floor: Floor) -> None:
    assert any(to is floor and at is not floor for (at, _), (to, _) in TABLE.items())
    assert any(at is floor and to is not floor for (at, _), (to, _) in TABLE.items())


@pytest.mark.parametrize(("at", "signal"), TABLE)
def test_playback_held_is_always_let_go(at: Floor, signal: Signal) -> None:
    """Leaving the two floors on which playback is held must resume it or clear it."""
    held = (Floor.CONTESTED, Floor.OVERHEARD)
    to, moves = TABLE[at, signal]
    if at in held and to not in held:
        assert Move.RESUME in moves or Move.INTERRUPT in moves


@pytest.mark.parametrize(("at", "signal"), TABLE)
def test_a_prepared_answer_is_used_or_thrown_away(at: Floor, signal: Signal) -> None:
    to, moves = TABLE[at, signal]
    if at is Floor.SPECULATING and to is not Floor.SPECULATING:
        assert Move.RESPOND in moves or Move.DISCARD in moves


def test_the_diagram_has_every_row_of_the_table() -> None:
    assert len(mermaid().splitlines()) == len(TABLE) + 2
