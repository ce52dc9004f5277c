"""POST /v1/realtime/calls: a call over WebRTC, and its end."""

from aiohttp import web

from rtcserver.server.body import in_time
from rtcserver.server.calling import (
    ABOUT_CALL,
    CALLS,
    LOCATION,
    answer_offer,
    begin,
    call_request,
    location,
    of_call,
    refuse_beta,
)
from rtcserver.server.context import allowed
from rtcserver.server.offer_body import CallCreate, read_offer
from rtcserver.server.route import FORM, JSON, SDP, Reply, Route


async def _create(request: web.Request) -> web.Response:
    context, visitor = allowed(request)
    refuse_beta(request)
    context.lobby.check(visitor.name)
    body = await in_time(read_offer(request), context.settings.server.body_timeout_s)
    call = call_request(request, context, visitor, "webrtc", body.session)
    transport = await answer_offer(context, body.sdp)
    await begin(context, transport, call)
    headers = location(call.call_id)
    answer = transport.ice.answer
    return web.Response(text=answer, status=201, content_type=SDP, headers=headers)


async def _hang_up(request: web.Request) -> web.Response:
    context, call_id = of_call(request, request.match_info["call_id"])
    await context.lobby.hang_up(call_id)
    return web.Response()


def _creation(path: str) -> Route:
    return Route(
        "POST",
        path,
        _create,
        "Call over WebRTC",
        (Reply(201, "The SDP answer", {SDP: str}, LOCATION),),
        query=ABOUT_CALL,
        body={SDP: str, FORM: CallCreate, JSON: CallCreate},
        errors=(400, 408, 413, 429, 503),
    )


ROUTES = (
    _creation(CALLS),
    _creation("/v1/realtime"),  # where older clients post their offer
    Route(
        "POST",
        CALLS + "/{call_id}/hangup",
        _hang_up,
        "End a call",
        (Reply(200, "It has ended"),),
        errors=(404,),
    ),
)
