"""Of a server that takes 40 960 frames, 54.6 minutes, of one connection."""

import numpy as np

from rtcserver.audio.format import Samples, silence
from rtcserver.services.stt.rotation import Rotation

SPEECH: Samples = np.full(1920, 3_000, np.int16)


def after(*frames: Samples) -> Rotation:
    rotation = Rotation(40_960)
    for frame in frames:
        rotation.heard(frame)
    return rotation


def test_for_47_minutes_it_stays() -> None:
    assert not after(*[silence()] * 100).due(35_839)


def test_then_it_leaves_in_the_first_half_second_of_silence() -> None:
    assert not after(SPEECH, *[silence()] * 5).due(35_840)
    assert after(SPEECH, *[silence()] * 6).due(35_840)
    assert not after(*[silence()] * 6, SPEECH).due(35_840)


def test_a_flush_tells_of_a_pause_however_loud_it_is() -> None:
    rotation = after(SPEECH)
    rotation.paused()
    assert rotation.due(35_840)
    rotation.heard(SPEECH)
    assert not rotation.due(35_840)


def test_after_51_minutes_a_quiet_frame_is_enough() -> None:
    assert not after(silence(), SPEECH).due(38_400)
    assert after(SPEECH, silence()).due(38_400)


def test_before_the_last_positions_are_used_it_leaves_in_mid_speech() -> None:
    assert not after(SPEECH).due(40_319)
    assert after(SPEECH).due(40_320)


def test_where_no_second_connection_is_to_be_had_it_tries_again_after_30_seconds() -> None:
    rotation = after(*[silence()] * 6)
    rotation.postpone(35_840)
    assert not rotation.due(36_214)
    assert rotation.due(36_215)


def test_after_51_minutes_it_leaves_whether_there_is_a_second_connection_or_not() -> None:
    rotation = after(*[silence()] * 6)
    rotation.postpone(38_300)
    assert not rotation.urgent(38_399)
    assert rotation.due(38_400)
    assert rotation.urgent(38_400)
