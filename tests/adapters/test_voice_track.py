import asyncio

from rtcserver.audio.format import SAMPLE_RATE, silence
from rtcserver.audio.opus import SILENCE_PACKET
from rtcserver.timer import now
from rtcserver.transports.base import PlaybackStarted, PlaybackStopped
from rtcserver.transports.inbox import Inbox
from rtcserver.transports.webrtc.outbound import VoiceTrack
from tests.virtual_time import run

TICKS = 960  # of the 48 kHz clock in 20 ms


def test_packets_do_not_drift_however_late_the_loop_wakes() -> None:
    async def main() -> None:
        track = VoiceTrack(Inbox())
        for n in range(3_000):
            packet = await track.recv()
            assert packet.pts == n * TICKS
            assert abs(now() - n * 0.02) < 1e-6  # the virtual clock begins at 0
            await asyncio.sleep(0.007)  # work between packets, less than one beat

    run(main())


def test_a_short_delay_is_made_up_for_at_once() -> None:
    async def main() -> None:
        track = VoiceTrack(Inbox())
        await track.recv()
        began = now()
        await asyncio.sleep(0.1)
        for _ in range(5):
            await track.recv()
        assert now() - began < 0.1001

    run(main())


def test_a_long_stall_leaves_packets_out_but_no_speech() -> None:
    async def main() -> None:
        track = VoiceTrack(Inbox())
        await track.write("r1", silence(SAMPLE_RATE))
        await track.recv()
        await asyncio.sleep(5.0)
        packet = await track.recv()
        assert packet.pts is not None
        assert packet.pts // TICKS in (249, 250)  # the clock of the packets kept the time
        assert track.playout.played == 2 * 480

    run(main())


def test_silence_is_sent_while_nothing_is_due_and_playback_is_told() -> None:
    async def main() -> None:
        inbox = Inbox()
        track = VoiceTrack(inbox)
        assert bytes(await track.recv()) == SILENCE_PACKET
        await track.write("r1", silence(480))
        track.playout.finish()
        await track.recv()
        assert await inbox.get() == PlaybackStarted("r1")
        assert await inbox.get() == PlaybackStopped("r1")
        assert bytes(await track.recv()) == SILENCE_PACKET

    run(main())
