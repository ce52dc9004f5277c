from rtcserver.services.stt.kyutai_line import silence_frames


def test_silence_bridges_the_delay_and_one_frame() -> None:
    assert silence_frames(0.5) == 8
    assert silence_frames(0.0) == 1
