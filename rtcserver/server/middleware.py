"""What every answer has in common: errors as JSON, headers for browsers."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from rtcserver import metrics
from rtcserver.errors import AuthError
from rtcserver.server.answers import answer_to

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_CORS = {
    # No cookies are used, so an answer to any origin gives away nothing; the key ring decides.
    "Access-Control-Allow-Origin": "*",
    # The call id of @openai/agents comes from Location; @eyevinn/whip-web-client looks for PATCH
    # in the answer to OPTIONS.
    "Access-Control-Expose-Headers": (
        "Location, Link, ETag, Retry-After, Access-Control-Allow-Methods"
    ),
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PATCH, DELETE, OPTIONS",
    # `*` would not cover Authorization.
    "Access-Control-Allow-Headers": (
        "Authorization, Content-Type, If-Match, ETag, X-OpenAI-Agents-SDK, OpenAI-Beta"
    ),
    "Access-Control-Max-Age": "600",
}
_SECURITY = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "Permissions-Policy": "microphone=(self), camera=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Exception as exc:
        if isinstance(exc, web.HTTPException) and exc.status < 400:
            raise
        if isinstance(exc, AuthError):
            metrics.AUTH_REFUSED.inc()
        return answer_to(exc).response()


@web.middleware
async def refuse_encoded_bodies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No client of ours compresses its request, and a small one may unpack to gigabytes."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise web.HTTPUnsupportedMediaType(text="A body is not to be compressed.")
    return await handler(request)


@web.middleware
async def preflight(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers every OPTIONS: the headers say what is allowed, the request itself is checked. A
    route that has more to say about itself answers too."""
    if request.method != "OPTIONS":
        return await handler(request)
    routed = request.match_info.http_exception is None
    response = await handler(request) if routed else web.Response(status=204)
    response.headers.update(_PREFLIGHT)
    return response


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """A signal of aiohttp; it also reaches answers that no middleware sees."""
    response.headers.update(_CORS | _SECURITY)
