"""What every way to begin a call has in common."""

from functools import reduce

from aiohttp import web

from rtcserver.errors import ProtocolError
from rtcserver.realtime.dialect import Dialect
from rtcserver.realtime.merge import updated
from rtcserver.realtime.session_object import AnySession, TranscriptionSession
from rtcserver.server.auth import Visitor
from rtcserver.server.context import Context, allowed
from rtcserver.session.lobby import Request
from rtcserver.transports.webrtc.peer import accept_offer
from rtcserver.transports.webrtc.transport import WebRtcTransport


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
    parts += [context.lobby.parse_config(part) for part in (bound, session) if part]
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
