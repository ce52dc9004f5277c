"""POST /v1/realtime/calls: a call over WebRTC, and its end."""

import asyncio
from dataclasses import dataclass

import msgspec
from aiohttp import web

from rtcserver.errors import ProtocolError
from rtcserver.server.body import in_time
from rtcserver.server.calling import answer_offer, begin, call_request, of_call
from rtcserver.server.context import allowed
from rtcserver.server.routes.realtime import refuse_what_is_not_spoken

_PATH = "/v1/realtime/calls"


def add_routes(app: web.Application) -> None:
    app.router.add_post(_PATH, _create)
    app.router.add_post(_PATH + "/{call_id}/hangup", _hang_up)


async def _create(request: web.Request) -> web.Response:
    context, visitor = allowed(request)
    refuse_what_is_not_spoken(request)
    context.lobby.check(visitor.name)
    body = await in_time(_read(request), context.settings.server.body_timeout_s)
    call = call_request(request, context, visitor, "webrtc", body.session)
    transport = await answer_offer(context, body.sdp)
    await begin(context, transport, call)
    headers = {"Location": f"{_PATH}/{call.call_id}"}
    return web.Response(
        text=transport.ice.answer, status=201, content_type="application/sdp", headers=headers
    )


async def _hang_up(request: web.Request) -> web.Response:
    context, call_id = of_call(request, request.match_info["call_id"])
    await context.lobby.hang_up(call_id)
    return web.Response()


@dataclass(frozen=True, slots=True)
class _Body:
    sdp: bytes | str
    session: bytes | None = None


class _Json(msgspec.Struct):
    sdp: str
    session: msgspec.Raw = msgspec.Raw(b"null")


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
