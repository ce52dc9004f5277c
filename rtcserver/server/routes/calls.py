"""POST /v1/realtime/calls: a call over WebRTC, and its end."""

import asyncio
from dataclasses import dataclass

import msgspec
from aiohttp import web

from rtcserver.errors import ProtocolError
from rtcserver.server.context import allowed
from rtcserver.server.routes.realtime import refuse_what_is_not_spoken
from rtcserver.session.lobby import Request
from rtcserver.transports.webrtc.peer import accept_offer

_PATH = "/v1/realtime/calls"


def add_routes(app: web.Application) -> None:
    app.router.add_post(_PATH, _create)
    app.router.add_post(_PATH + "/{call_id}/hangup", _hang_up)


async def _create(request: web.Request) -> web.Response:
    context = allowed(request)
    refuse_what_is_not_spoken(request)
    context.lobby.check()
    body = await _read_in_time(request, context.settings.server.body_timeout_s)
    session = context.lobby.parse_config(body.session) if body.session else None
    settings = context.settings
    answer, transport = await accept_offer(
        body.sdp, settings.webrtc, settings.session.max_event_bytes
    )
    call = Request(
        call_id=context.new_id("rtc"),
        kind="webrtc",
        model=request.query.get("model"),
        session=session,
        rtc_events=request.query.get("rtc_events") == "1",
    )
    try:
        context.lobby.check()  # again: others may have come in while this offer was answered
        context.lobby.start(transport, call)
    except BaseException:
        await transport.close()
        raise
    headers = {"Location": f"{_PATH}/{call.call_id}"}
    return web.Response(text=answer, status=201, content_type="application/sdp", headers=headers)


async def _hang_up(request: web.Request) -> web.Response:
    """The id is known only to who made the call, so knowing it is the right to end it."""
    call_id = request.match_info["call_id"]
    if not await allowed(request).lobby.hang_up(call_id):
        raise web.HTTPNotFound(text=f"There is no call {call_id}.")
    return web.Response()


@dataclass(frozen=True, slots=True)
class _Body:
    sdp: bytes | str
    session: bytes | None = None


class _Json(msgspec.Struct):
    sdp: str
    session: msgspec.Raw = msgspec.Raw(b"null")


async def _read_in_time(request: web.Request, limit_s: float) -> _Body:
    try:
        async with asyncio.timeout(limit_s):
            return await _read(request)
    except TimeoutError:
        raise web.HTTPRequestTimeout(text=f"The body took longer than {limit_s:g} s.") from None


async def _read(request: web.Request) -> _Body:
    """The three ways in which clients send an offer. Raises ProtocolError."""
    match request.content_type:
        case "application/sdp":
            return _Body(await request.read())
        case "application/json":
            return _from_json(await request.read())
        case "multipart/form-data":
            return await _from_form(request)
        case other:
            raise ProtocolError(
                f"Content-Type is {other}; expected application/sdp, multipart/form-data"
                " or application/json.",
                code="unsupported_content_type",
                param="Content-Type",
            )


def _from_json(body: bytes) -> _Body:
    try:
        call = msgspec.json.decode(body, type=_Json)
    except msgspec.ValidationError as exc:  # of sdp: a session is not looked at here
        raise ProtocolError(str(exc), code="invalid_value", param="sdp") from exc
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise ProtocolError(f"The body is not JSON: {exc}", code="invalid_json") from exc
    session = bytes(call.session)
    return _Body(call.sdp, None if session == b"null" else session)


async def _from_form(request: web.Request) -> _Body:
    try:
        form = await request.post()
    except ValueError as exc:
        raise ProtocolError(f"The form cannot be read: {exc}", code="invalid_form") from exc
    sdp = await _part(form.get("sdp"))
    if sdp is None:
        raise ProtocolError(
            "The form has no part 'sdp'.", code="missing_required_parameter", param="sdp"
        )
    return _Body(sdp, await _part(form.get("session")))


async def _part(value: str | bytes | bytearray | web.FileField | None) -> bytes | None:
    """A part comes as text, as bytes, or as a file if the client named one."""
    match value:
        case None:
            return None
        case str():
            return value.encode()
        case web.FileField(file=file):
            return await asyncio.to_thread(file.read)  # aiohttp keeps it on disk
        case _:
            return bytes(value)
