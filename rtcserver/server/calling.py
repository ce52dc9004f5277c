"""What every way to begin a call has in common."""

from functools import reduce

from aiohttp import web

from rtcserver.conversation.session_rules import check_session
from rtcserver.errors import ProtocolError
from rtcserver.realtime.codec import parse_session
from rtcserver.realtime.dialect import Dialect
from rtcserver.realtime.merge import updated
from rtcserver.realtime.session_object import AnySession, TranscriptionSession
from rtcserver.server.auth import Visitor
from rtcserver.server.context import Context, allowed
from rtcserver.session.lobby import Request
from rtcserver.transports.webrtc.peer import accept_offer
from rtcserver.transports.webrtc.transport import WebRtcTransport

CALLS = "/v1/realtime/calls"
LOCATION = {"Location": "Path of the call; with /hangup behind it ends it"}
ABOUT_CALL = {
    "model": "Name of the model; any is taken",
    "intent": "transcription for a call that only listens",
    "rtc_events": "1 for the events rtc.* of this server as well",
}

_BETA_HEADER, _BETA_SUBPROTOCOL = "realtime=v1", "openai-beta.realtime-v1"


def refuse_beta(request: web.Request) -> None:
    """Its events would only be misunderstood. Raises ProtocolError."""
    header = request.headers.get("OpenAI-Beta", "")
    if _BETA_HEADER in header or _BETA_SUBPROTOCOL in request.headers.get(
        "Sec-WebSocket-Protocol", ""
    ):
        raise ProtocolError(
            "The beta of the Realtime API is not spoken; leave out OpenAI-Beta.",
            code="beta_not_supported",
            param="OpenAI-Beta",
        )


def call_request(
    request: web.Request,
    context: Context,
    visitor: Visitor,
    kind: str,
    session: bytes | None = None,
) -> Request:
    """`session` is the JSON of the body. What it says comes on top of the session of a client
    secret, as a session.update would. Raises ProtocolError."""
    bound = visitor.token.session if visitor.token else None
    parts = _intended(request)
    parts += [parse_session(part) for part in (bound, session) if part]
    for part in parts:
        check_session(part, context.lobby.limits)
    return Request(
        call_id=context.new_id("rtc"),
        kind=kind,
        model=request.query.get("model"),
        session=reduce(updated, parts) if parts else None,
        rtc_events=request.query.get("rtc_events") == "1",
        client=visitor.name,
    )


def _intended(request: web.Request) -> list[AnySession]:
    """What `?intent=` asks for. Raises ProtocolError."""
    match request.query.get("intent"):
        case None:
            return []
        case "transcription":
            return [TranscriptionSession()]
        case other:
            raise ProtocolError(
                f"The only intent is transcription, not {other!r}.",
                code="invalid_value",
                param="intent",
            )


async def answer_offer(
    context: Context, sdp: bytes | str, dialect: Dialect | None = None
) -> WebRtcTransport:
    """A wire whose answer is `ice.answer`; whoever takes it gives it to begin(). Raises
    ProtocolError, CapacityError."""
    settings = context.settings
    _, transport = await accept_offer(
        sdp, settings.webrtc, settings.session.max_event_bytes, dialect
    )
    return transport


async def begin(context: Context, transport: WebRtcTransport, call: Request) -> None:
    """Others may have come in while the offer was answered: then the wire is closed. Raises
    CapacityError."""
    try:
        context.lobby.start(transport, call)
    except BaseException:
        await transport.close()
        raise


def location(call_id: str) -> dict[str, str]:
    """The header that tells a client the id of its call."""
    return {"Location": f"{CALLS}/{call_id}"}


def wire_of(context: Context, call_id: str) -> WebRtcTransport:
    """Raises HTTPNotFound for a call that has no candidates."""
    transport = context.lobby.find(call_id)
    if not isinstance(transport, WebRtcTransport):
        raise web.HTTPNotFound(text=f"There is no WebRTC call {call_id}.")
    return transport


def of_call(request: web.Request, call_id: str) -> tuple[Context, str]:
    """For a request about a call in progress. The id is known only to who made the call, so
    knowing it is the right to it; with a client secret only for calls begun with that very one.
    Raises AuthError, HTTPNotFound."""
    context, visitor = allowed(request)
    if not context.lobby.has(call_id, visitor.name if visitor.token else None):
        raise web.HTTPNotFound(text=f"There is no call {call_id}.")
    return context, call_id
