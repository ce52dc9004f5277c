"""What no call may be set to, beyond what the types of the session object say."""

from rtcserver.conversation.tool_rules import check_servers
from rtcserver.conversation.turn_rules import Limits
from rtcserver.errors import ProtocolError
from rtcserver.realtime.base import Absent, given
from rtcserver.realtime.events.response import ResponseParams
from rtcserver.realtime.session_object import AnySession, RealtimeSession
from rtcserver.realtime.session_options import Voice, VoiceId


def check_session(session: AnySession, limits: Limits) -> None:
    """Raises ProtocolError naming the field."""
    if not isinstance(session, RealtimeSession):
        return
    check_servers(given(session.tools) or (), limits.tools, "session.tools")
    audio = given(session.audio)
    if audio and (output := given(audio.output)):
        _check_voice(output.voice, limits.voices, "session.audio.output.voice")


def check_response(params: ResponseParams, limits: Limits) -> None:
    """Raises ProtocolError naming the field."""
    audio = given(params.audio)
    if audio and (output := given(audio.output)):
        _check_voice(output.voice, limits.voices, "response.audio.output.voice")


def _check_voice(voice: Voice | Absent, known: tuple[str, ...], param: str) -> None:
    """Here, since Kyutai's server speaks with its default voice instead of an unknown one."""
    if isinstance(voice, Absent) or not known:
        return
    name, param = (voice.id, f"{param}.id") if isinstance(voice, VoiceId) else (voice, param)
    if name not in known:
        raise ProtocolError(
            f"There is no voice {name!r}; known: {', '.join(known)}.",
            code="invalid_value",
            param=param,
        )
