"""The three ways in which clients send an offer."""

import asyncio
from dataclasses import dataclass

import msgspec
from aiohttp import web
from aiohttp.http import HttpProcessingError

from rtcserver.errors import ProtocolError
from rtcserver.realtime.codec import parse_body
from rtcserver.server.session_field import OptionalSession, given, no_session


@dataclass(frozen=True, slots=True)
class OfferBody:
    sdp: bytes | str
    session: bytes | None = None


class CallCreate(msgspec.Struct):
    """The parts of a form, or the fields of the JSON. `session` is what the call begins with."""

    sdp: str
    session: OptionalSession = msgspec.field(default_factory=no_session)


_JSON = msgspec.json.Decoder(CallCreate)


async def read_offer(request: web.Request) -> OfferBody:
    """Raises ProtocolError."""
    match request.content_type:
        case "application/sdp":
            return OfferBody(await request.read())
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


def _from_json(body: bytes) -> OfferBody:
    call = parse_body(_JSON, body)
    return OfferBody(call.sdp, given(call.session))


async def _from_form(request: web.Request) -> OfferBody:
    try:
        form = await request.post()
    except (ValueError, LookupError, RuntimeError, HttpProcessingError) as exc:  # of aiohttp
        raise ProtocolError(f"The form cannot be read: {exc}", code="invalid_form") from exc
    sdp = await _part(form.get("sdp"))
    if sdp is None:
        raise ProtocolError(
            "The form has no part 'sdp'.", code="missing_required_parameter", param="sdp"
        )
    return OfferBody(sdp, await _part(form.get("session")))


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
