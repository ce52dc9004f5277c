"""/api/offer: a call that pipecat's clients make, over WebRTC and in RTVI.

`startBotAndConnect({endpoint: "/start"})` comes here by way of /start and /sessions/{id}.
"""

from dataclasses import replace
from typing import Any, Literal

import msgspec
from aiohttp import web
from msgspec import Struct

from rtcserver import __version__
from rtcserver.realtime.codec import parse_body
from rtcserver.realtime.rtvi.dialect import RtviDialect
from rtcserver.rtp.fragment import read_candidate, read_fragment
from rtcserver.rtp.offer import clean_offer
from rtcserver.server.body import in_time
from rtcserver.server.calling import answer_offer, begin, call_request, of_call, wire_of
from rtcserver.server.context import allowed
from rtcserver.transports.webrtc.ice_session import IceSession

_START = "/start"
_PATHS = ("/api/offer", "/sessions/{session_id}/api/offer")


class RequestData(Struct, frozen=True):
    """What the application adds to the offer; `session` is a session object of Realtime."""

    session: msgspec.Raw = msgspec.Raw(b"null")


class Offer(Struct, frozen=True):
    """`pc_id` is our id of the call, once there is one; a client that lost its connection makes
    another, and says so by `restart_pc`."""

    sdp: str
    type: Literal["offer"] = "offer"
    pc_id: str | None = None
    restart_pc: bool | None = None
    requestData: RequestData | None = None  # noqa: N815 (so the wire has it)
    request_data: RequestData | None = None


class Candidate(Struct, frozen=True):
    candidate: str


class Candidates(Struct, frozen=True):
    pc_id: str
    candidates: tuple[Candidate, ...] = ()


_OFFER = msgspec.json.Decoder(Offer)
_CANDIDATES = msgspec.json.Decoder(Candidates)


def add_routes(app: web.Application) -> None:
    app.router.add_post(_START, _start)
    for path in _PATHS:
        app.router.add_post(path, _offer)
        app.router.add_patch(path, _trickle)


async def _start(request: web.Request) -> web.Response:
    """There is nothing to start before the offer comes. The client makes its next address of the
    id, and shows its key there again."""
    context, visitor = allowed(request)
    context.lobby.check(visitor.name)
    started: dict[str, Any] = {"sessionId": context.new_id("sess")}
    if urls := context.settings.webrtc.stun_urls:
        started["iceConfig"] = {"iceServers": [{"urls": list(urls)}]}
    return web.json_response(started)


async def _offer(request: web.Request) -> web.Response:
    context, visitor = allowed(request)
    body = await in_time(request.read(), context.settings.server.body_timeout_s)
    offer = parse_body(_OFFER, body)
    if offer.pc_id is not None and context.lobby.has(offer.pc_id):
        if not offer.restart_pc:
            return await _offer_again(request, offer, offer.pc_id)
        _, lost = of_call(request, offer.pc_id)
        await context.lobby.hang_up(lost)
    context.lobby.check(visitor.name)
    session = _session(offer)
    call = replace(call_request(request, context, visitor, "rtvi", session), rtc_events=True)
    transport = await answer_offer(context, offer.sdp, RtviDialect(__version__))
    await begin(context, transport, call)
    return _answer(transport.ice, call.call_id)


async def _offer_again(request: web.Request, offer: Offer, pc_id: str) -> web.Response:
    """The m-lines of these clients never change, so the answer is what it was. They offer again
    when they have found more candidates."""
    context, call_id = of_call(request, pc_id)
    ice = wire_of(context, call_id).ice
    fragment = read_fragment(clean_offer(offer.sdp, context.settings.webrtc.max_sdp_bytes))
    if fragment.restarts(ice.offer):
        raise web.HTTPUnprocessableEntity(text="ICE cannot be restarted; set restart_pc.")
    await ice.add(fragment.candidates)
    return _answer(ice, call_id)


async def _trickle(request: web.Request) -> web.Response:
    context, _ = allowed(request)
    body = await in_time(request.read(), context.settings.server.body_timeout_s)
    found = parse_body(_CANDIDATES, body)
    context, call_id = of_call(request, found.pc_id)
    values = (entry.candidate.removeprefix("candidate:") for entry in found.candidates)
    await wire_of(context, call_id).ice.add(filter(None, map(read_candidate, values)))
    return web.json_response({"status": "success"})


def _session(offer: Offer) -> bytes | None:
    data = offer.requestData or offer.request_data or RequestData()
    session = bytes(data.session)
    return None if session == b"null" else session


def _answer(ice: IceSession, call_id: str) -> web.Response:
    return web.json_response({"sdp": ice.answer, "type": "answer", "pc_id": call_id})
