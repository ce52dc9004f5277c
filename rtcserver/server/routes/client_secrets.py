"""POST /v1/realtime/client_secrets: a key for one client and a short time, bound to its session."""

from typing import Annotated, Literal

import msgspec
from aiohttp import web
from msgspec import Meta, Struct, field

from rtcserver import metrics
from rtcserver.conversation.session_rules import check_session
from rtcserver.conversation.tool_rules import without_secrets
from rtcserver.realtime.codec import parse_body, parse_session
from rtcserver.server.body import in_time
from rtcserver.server.context import CONTEXT
from rtcserver.server.route import JSON, Reply, Route
from rtcserver.server.session_field import OptionalSession, SessionField, given, no_session
from rtcserver.server.tokens import Token
from rtcserver.session.defaults import effective_session
from rtcserver.timer import epoch_now


class ExpiresAfter(Struct, frozen=True):
    anchor: Literal["created_at"] = "created_at"
    seconds: Annotated[int, Meta(ge=10, le=7_200)] = 600


class ClientSecretCreate(Struct, frozen=True):
    """`session` is what every call made with the secret begins with."""

    expires_after: ExpiresAfter | None = None
    session: OptionalSession = field(default_factory=no_session)


class ClientSecret(Struct, frozen=True):
    """`expires_at` in seconds since the epoch: no call can begin after it, but a call goes on."""

    value: str
    expires_at: int
    session: SessionField


_BODY = msgspec.json.Decoder(ClientSecretCreate)


async def _create(request: web.Request) -> web.Response:
    context = request.app[CONTEXT]
    context.keys.check_key(request)
    body = await in_time(request.read(), context.settings.server.body_timeout_s)
    wish = parse_body(_BODY, body or b"{}")
    expires_at = int(epoch_now()) + (wish.expires_after or ExpiresAfter()).seconds
    asked = parse_session(part) if (part := given(wish.session)) else None
    if asked:
        check_session(asked, context.lobby.limits)
    bound = msgspec.json.encode(asked) if asked else None
    session = effective_session(
        context.settings,
        session_id=context.new_id("sess"),
        expires_at=expires_at + int(context.settings.session.max_call_s),
        model=None,
        changes=asked,
    )
    secret = ClientSecret(
        value=context.keys.mint.issue(Token(context.new_id("secret"), expires_at, bound)),
        expires_at=expires_at,
        # All of the answer may be handed on to a browser.
        session=msgspec.Raw(msgspec.json.encode(without_secrets(session))),
    )
    metrics.CLIENT_SECRETS.inc()
    return web.Response(body=msgspec.json.encode(secret), content_type=JSON)


ROUTES = (
    Route(
        "POST",
        "/v1/realtime/client_secrets",
        _create,
        "Make a key for one client",
        (Reply(200, "The key, and the session it stands for", {JSON: ClientSecret}),),
        body={JSON: ClientSecretCreate},
        errors=(400, 408, 413),
    ),
)
