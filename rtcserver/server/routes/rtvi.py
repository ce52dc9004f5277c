"""/api/offer: a call that pipecat's clients make, over WebRTC and in RTVI.

`startBotAndConnect({endpoint: "/start"})` comes here by way of /start and /sessions/{id}.
"""

from dataclasses import replace
from typing import Any, Literal

import msgspec
from aiohttp import web
from msgspec import Struct, field

from rtcserver import __version__
from rtcserver.realtime.codec import parse_body
from rtcserver.realtime.rtvi.dialect import RtviDialect
from rtcserver.rtp.fragment import read_candidate, read_fragment
from rtcserver.rtp.offer import clean_offer
from rtcserver.server.body import in_time
from rtcserver.server.calling import ABOUT_CALL, answer_offer, begin, call_request, of_call, wire_of
from rtcserver.server.context import allowed
from rtcserver.server.route import JSON, Reply, Route
from rtcserver.server.session_field import OptionalSession, given, no_session
from rtcserver.transports.webrtc.ice_session import IceSession

_START = "/start"
_PATHS = ("/api/offer", "/sessions/{session_id}/api/offer")


class RequestData(Struct, frozen=True):
    """What the application adds to the offer; `session` is a session object of Realtime."""

    session: OptionalSession = field(default_factory=no_session)


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


class Started(Struct, frozen=True, omit_defaults=True):
    sessionId: str  # noqa: N815
    iceConfig: dict[str, Any] | None = None  # noqa: N815


class Answer(Struct, frozen=True):
    sdp: str
    pc_id: str
    type: str = "answer"


_OFFER = msgspec.json.Decoder(Offer)
_CANDIDATES = msgspec.json.Decoder(Candidates)


async def _start(request: web.Request) -> web.Response:
    """There is nothing to start before the offer comes. The client makes its next address of the
    id, and shows its key there again."""
    context, visitor = allowed(request)
    context.lobby.check(visitor.name)
    urls = context.settings.webrtc.stun_urls
    servers = {"iceServers": [{"urls": urls}]} if urls else None
    return _json(Started(context.new_id("sess"), servers))


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
    return given((offer.requestData or offer.request_data or RequestData()).session)


def _answer(ice: IceSession, call_id: str) -> web.Response:
    return _json(Answer(ice.answer, call_id))


def _json(answer: Struct) -> web.Response:
    return web.Response(body=msgspec.json.encode(answer), content_type=JSON)


ROUTES = (
    Route(
        "POST",
        _START,
        _start,
        "Begin as pipecat's clients do",
        (Reply(200, "Where to send the offer", {JSON: Started}),),
        errors=(429, 503),
    ),
    *(
        Route(
            "POST",
            path,
            _offer,
            "Call over WebRTC, in RTVI",
            (Reply(200, "The SDP answer", {JSON: Answer}),),
            query=ABOUT_CALL,
            body={JSON: Offer},
            errors=(400, 404, 408, 413, 422, 429, 503),
        )
        for path in _PATHS
    ),
    *(
        Route(
            "PATCH",
            path,
            _trickle,
            "Add ICE candidates, in RTVI",
            (Reply(200, "They are added", {JSON: dict}),),
            body={JSON: Candidates},
            errors=(400, 404, 408, 413),
        )
        for path in _PATHS
    ),
)
