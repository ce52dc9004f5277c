"""What OpenAI's server has and this one has not: a clear error, instead of none that fits."""

from aiohttp import web

from rtcserver.errors import ProtocolError
from rtcserver.server.calling import CALLS, of_call
from rtcserver.server.context import allowed
from rtcserver.server.route import Route


async def _of_phone(request: web.Request) -> web.Response:
    """Accepting, rejecting and referring are of calls by phone (SIP)."""
    of_call(request, request.match_info["call_id"])
    raise ProtocolError("This is no SIP call.", code="not_a_sip_call", param="call_id")


async def _of_beta(request: web.Request) -> web.Response:
    allowed(request)
    raise ProtocolError(
        "The beta of the Realtime API is not spoken; use /v1/realtime/client_secrets.",
        code="beta_not_supported",
    )


ROUTES = (
    *(
        Route(
            "POST",
            CALLS + "/{call_id}/" + verb,
            _of_phone,
            f"Of phone calls, which this is none: {verb}",
            (),
            errors=(400, 404),
        )
        for verb in ("accept", "reject", "refer")
    ),
    *(
        Route("POST", f"/v1/realtime/{name}", _of_beta, "Of the beta API", (), errors=(400,))
        for name in ("sessions", "transcription_sessions")
    ),
)
