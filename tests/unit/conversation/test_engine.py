"""The conversation itself: literal inputs, literal times, effects out."""

from collections.abc import Iterable

from rtcserver import config
from rtcserver.conversation import effects as fx
from rtcserver.conversation import inputs
from rtcserver.conversation.engine import Conversation
from rtcserver.conversation.turn_rules import Limits
from rtcserver.ids import counting_ids
from rtcserver.realtime.codec import parse_client_event
from rtcserver.realtime.events.response import ResponseCreate, ResponseDone
from rtcserver.session.defaults import effective_session
from rtcserver.turns.hearing import Final, Word

WINDOW = 768  # 32 ms


class Talk:
    """A conversation whose caller's audio and clock go together: a window is 32 ms of both."""

    def __init__(self, *, owns_playback: bool = True) -> None:
        session = effective_session(
            config.Settings(), session_id="sess_0", expires_at=0, model=None, changes=None
        )
        self.engine = Conversation(session, Limits(), counting_ids(), owns_playback=owns_playback)
        self.windows = 0

    @property
    def now(self) -> float:
        return self.windows * 0.032

    def hear(self, script: str, played: int = 0) -> list[fx.Effect]:
        """One character a window: "#" is speech, "." silence."""
        effects = []
        for char in script:
            begin, self.windows = self.windows * WINDOW, self.windows + 1
            score = inputs.SpeechScore(0.9 if char == "#" else 0.01, begin, begin + WINDOW)
            effects += self.engine.handle(score, self.now, played)
        return effects

    def tell(self, *events: inputs.Input, played: int = 0) -> list[fx.Effect]:
        return [
            effect for event in events for effect in self.engine.handle(event, self.now, played)
        ]


def kinds(effects: Iterable[fx.Effect]) -> list[str]:
    """Types of events, and names of the other effects."""
    return [
        str(effect.event.__struct_config__.tag)
        if isinstance(effect, fx.Send)
        else type(effect).__name__
        for effect in effects
    ]


def only(effects: Iterable[fx.Effect], kind: type[fx.Effect]) -> list[fx.Effect]:
    return [effect for effect in effects if isinstance(effect, kind)]


def spoken_turn(talk: Talk) -> list[fx.Effect]:
    """The caller says "hello"; returns what that causes, up to the reply's release."""
    effects = talk.hear("#" * 10 + "." * 7)  # the soft end is in the 7th window of silence
    (flush,) = only(effects, fx.FlushTranscriber)
    assert isinstance(flush, fx.FlushTranscriber)
    effects += talk.tell(Word("hello"), Final(flush.mark))
    return effects + talk.hear("." * 9)


def test_a_spoken_turn_flushes_prepares_and_releases() -> None:
    effects = spoken_turn(Talk())
    assert [kind for kind in kinds(effects) if "." not in kind] == [
        "FlushTranscriber",
        "PrepareReply",
        "ReleaseReply",
    ]


def test_the_release_knows_when_everything_happened() -> None:
    (release,) = only(spoken_turn(Talk()), fx.ReleaseReply)
    assert isinstance(release, fx.ReleaseReply)
    assert release.timing == fx.TurnTiming(
        speech_ended_at=26 * 0.032 - 16 * 0.032,
        turn_ended_at=26 * 0.032,
        transcript_ready_at=17 * 0.032,
    )


def test_an_old_final_means_nothing() -> None:
    talk = Talk()
    effects = talk.hear("#" * 10 + "." * 7 + "#" * 5)
    (flush,) = only(effects, fx.FlushTranscriber)
    assert isinstance(flush, fx.FlushTranscriber)
    assert not only(talk.tell(Word("hello"), Final(flush.mark)), fx.PrepareReply)


def test_late_news_of_a_dropped_reply_is_ignored() -> None:
    talk = Talk()
    prepared, *_ = only(talk.tell(ResponseCreate()), fx.PrepareReply)
    assert isinstance(prepared, fx.PrepareReply)
    reply = prepared.response_id
    talk.tell(inputs.ReplyText(reply, "Well "), inputs.ReplyFailed(reply, "llm_failed", "gone"))
    assert talk.tell(inputs.ReplyText(reply, "late"), inputs.ReplyEnded(reply)) == []


def test_every_response_is_done_once() -> None:
    talk = Talk()
    (prepared,) = only(talk.tell(ResponseCreate()), fx.PrepareReply)
    assert isinstance(prepared, fx.PrepareReply)
    reply = prepared.response_id
    effects = talk.tell(
        inputs.ReplyText(reply, "Well "),
        inputs.ReplyAudio(reply, 24_000),
        inputs.PlaybackStarted(reply),
        inputs.ReplyEnded(reply),
    )
    effects += talk.hear("#" * 12, played=12_000)  # interrupted after it was made
    done = [e for e in effects if isinstance(e, fx.Send) and isinstance(e.event, ResponseDone)]
    assert len(done) == 1
    assert "conversation.item.truncated" in kinds(effects)


def test_the_deadline_of_an_unclear_interruption_is_a_second_away() -> None:
    talk = Talk()
    (prepared,) = only(talk.tell(ResponseCreate()), fx.PrepareReply)
    assert isinstance(prepared, fx.PrepareReply)
    reply = prepared.response_id
    talk.tell(inputs.ReplyAudio(reply, 240_000), inputs.PlaybackStarted(reply))
    assert talk.engine.deadline() is None
    effects = talk.hear("###", played=48_000)
    assert "PausePlayback" in kinds(effects)
    assert talk.engine.deadline() == talk.now + 1.0
    talk.hear("." * 2, played=48_000)
    talk.windows += 32  # a second on the clock, without any news
    assert "ResumePlayback" in kinds(talk.tell(inputs.Tick(), played=48_000))


def test_where_audio_travels_in_events_there_is_no_output_buffer_to_report() -> None:
    talk = Talk(owns_playback=False)
    (prepared,) = only(talk.tell(ResponseCreate()), fx.PrepareReply)
    assert isinstance(prepared, fx.PrepareReply)
    reply = prepared.response_id
    effects = talk.tell(
        inputs.ReplyText(reply, "Well "),
        inputs.ReplyAudio(reply, 24_000),
        inputs.PlaybackStarted(reply),
        inputs.ReplyEnded(reply),
        inputs.PlaybackStopped(reply),
    )
    assert not [kind for kind in kinds(effects) if kind.startswith("output_audio_buffer")]


def test_what_was_said_as_a_reply_ended_is_a_turn() -> None:
    """A client that plays by itself plays on while it is unclear whether it is interrupted."""
    talk = Talk(owns_playback=False)
    (prepared,) = only(talk.tell(ResponseCreate()), fx.PrepareReply)
    assert isinstance(prepared, fx.PrepareReply)
    reply = prepared.response_id
    talk.tell(
        inputs.ReplyAudio(reply, 24_000), inputs.PlaybackStarted(reply), inputs.ReplyEnded(reply)
    )
    effects = talk.hear("######" + "." * 16, played=12_000)
    effects += talk.tell(inputs.PlaybackStopped(reply))
    assert "input_audio_buffer.committed" in kinds(effects)
    flush = only(effects, fx.FlushTranscriber)[-1]
    assert isinstance(flush, fx.FlushTranscriber)
    assert "ReleaseReply" in kinds(talk.tell(Word("yes"), Final(flush.mark)))


def test_words_are_asked_for_before_even_a_short_silence_ends_the_turn() -> None:
    talk = Talk()
    talk.tell(
        parse_client_event(
            '{"type":"session.update","session":{"audio":{"input":{"turn_detection":'
            '{"type":"server_vad","silence_duration_ms":200}}}}}'
        )
    )
    assert "FlushTranscriber" in kinds(talk.hear("#" * 10 + "." * 4))
