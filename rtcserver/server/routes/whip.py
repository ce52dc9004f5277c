"""/whip: a call that an encoder or a page begins by WHIP (RFC 9725).

WHIP has no data channel: who sends only (as the RFC has it) is listened to, and a sideband
connection tells what was understood; an offer that is sendrecv is also answered by voice.
"""

from dataclasses import replace

from aiohttp import web
from multidict import CIMultiDict

from rtcserver.config import Settings
from rtcserver.realtime.merge import merge
from rtcserver.realtime.session_object import AnySession, Audio, AudioInput, RealtimeSession
from rtcserver.rtp.fragment import read_fragment
from rtcserver.server.body import in_time
from rtcserver.server.calling import ABOUT_CALL, answer_offer, begin, call_request, of_call, wire_of
from rtcserver.server.context import CONTEXT, allowed
from rtcserver.server.route import SDP, Reply, Route
from rtcserver.session.defaults import server_vad

_PATH = "/whip"
_SESSION = _PATH + "/{call_id}"
_FRAGMENT = "application/trickle-ice-sdpfrag"  # RFC 8840 9.2
_ACCEPTED = {"Accept-Post": SDP, "Accept-Patch": _FRAGMENT}


async def _create(request: web.Request) -> web.Response:
    context, visitor = allowed(request)
    _expect(request, SDP)
    context.lobby.check(visitor.name)
    offer = await in_time(request.read(), context.settings.server.body_timeout_s)
    call = call_request(request, context, visitor, "whip")
    transport = await answer_offer(context, offer)
    if not transport.heard:
        call = replace(call, session=_listening(context.settings, call.session))
    await begin(context, transport, call)
    headers = _ice_servers(context.settings)
    headers["Location"] = f"{_PATH}/{call.call_id}"
    headers["ETag"] = _tag(call.call_id)
    return web.Response(text=transport.ice.answer, status=201, content_type=SDP, headers=headers)


async def _trickle(request: web.Request) -> web.Response:
    """RFC 9725 4.3: candidates are added; a session that cannot restart ICE says 422."""
    context, call_id = of_call(request, request.match_info["call_id"])
    _expect(request, _FRAGMENT)
    _check_tag(request, call_id)
    body = await in_time(request.read(), context.settings.server.body_timeout_s)
    fragment, ice = read_fragment(body), wire_of(context, call_id).ice
    if fragment.restarts(ice.offer):
        raise web.HTTPUnprocessableEntity(text="ICE cannot be restarted; begin another session.")
    await ice.add(fragment.candidates)
    return web.Response(status=204)


async def _end(request: web.Request) -> web.Response:
    context, call_id = of_call(request, request.match_info["call_id"])
    await context.lobby.hang_up(call_id)
    return web.Response()


async def _nothing(_request: web.Request) -> web.Response:
    """RFC 9725 4.1 keeps GET and HEAD for later versions."""
    return web.Response(status=204)


async def _options(request: web.Request) -> web.Response:
    """Clients that gather candidates before their offer look for ICE servers here."""
    headers = _ice_servers(request.app[CONTEXT].settings)
    headers.update(_ACCEPTED)
    return web.Response(status=204, headers=headers)


def _expect(request: web.Request, content_type: str) -> None:
    if request.content_type != content_type:
        raise web.HTTPUnsupportedMediaType(
            text=f"Content-Type is {request.content_type}; expected {content_type}."
        )


def _tag(call_id: str) -> str:
    """Names the ICE session; a call has one for all its life."""
    return f'"{call_id}"'


def _check_tag(request: web.Request, call_id: str) -> None:
    """RFC 6585 3 without a tag, RFC 9110 13.1.1 for one that is not ours. @eyevinn/whip-web-client
    sends it as ETag."""
    shown = request.headers.get("If-Match") or request.headers.get("ETag")
    if shown is None:
        raise web.HTTPPreconditionRequired(text="If-Match is needed, with the ETag of the session.")
    if _tag(call_id) not in (tags := [tag.strip() for tag in shown.split(",")]) and "*" not in tags:
        raise web.HTTPPreconditionFailed(text="If-Match is not the ETag of the session.")


def _ice_servers(settings: Settings) -> CIMultiDict[str]:
    """RFC 9725 4.6."""
    links = [("Link", f'<{url}>; rel="ice-server"') for url in settings.webrtc.stun_urls]
    return CIMultiDict(links)


def _listening(settings: Settings, asked: AnySession | None) -> AnySession:
    """Nobody would hear an answer, so none is made, unless the client asks for it."""
    vad = server_vad(settings.turn, create_response=False)
    listening = RealtimeSession(audio=Audio(input=AudioInput(turn_detection=vad)))
    match asked:
        case None:
            return listening
        case RealtimeSession():
            return merge(listening, asked)
        case _:  # a transcription never answers
            return asked


_LINKS = {"Link": "ICE servers, RFC 9725 4.6"}

ROUTES = (
    Route(
        "POST",
        _PATH,
        _create,
        "Call by WHIP (RFC 9725)",
        (
            Reply(
                201,
                "The SDP answer",
                {SDP: str},
                {"Location": "Path of the session", "ETag": "Of its ICE session"} | _LINKS,
            ),
        ),
        query=ABOUT_CALL,
        body={SDP: str},
        errors=(400, 408, 413, 415, 429, 503),
    ),
    Route(
        "PATCH",
        _SESSION,
        _trickle,
        "Add ICE candidates",
        (Reply(204, "They are added"),),
        body={_FRAGMENT: str},
        errors=(400, 404, 408, 412, 413, 415, 422, 428),
    ),
    Route("DELETE", _SESSION, _end, "End a call", (Reply(200, "It has ended"),), errors=(404,)),
    *(
        Route(method, path, handler, summary, (Reply(204, "Nothing"),), needs_key=False)
        for path in (_PATH, _SESSION)
        for method, handler, summary in (
            ("GET", _nothing, "Kept for later versions of WHIP"),
            ("OPTIONS", _options, "Ask for ICE servers and media types"),
        )
    ),
)
