"""The one table from an error to an HTTP answer, in the shape of OpenAI's."""

from dataclasses import dataclass

import msgspec
import structlog
from aiohttp import web
from msgspec import Struct

from rtcserver.errors import AuthError, CapacityError, ProtocolError, RateLimited, ServiceError

_log = structlog.get_logger(__name__)

_INVALID = "invalid_request_error"
_SERVER = "server_error"


class ErrorDetail(Struct, frozen=True):
    type: str
    code: str
    message: str
    param: str | None


class ErrorAnswer(Struct, frozen=True):
    """The body of every answer from 400 on."""

    error: ErrorDetail


@dataclass(frozen=True, slots=True)
class Answer:
    """Turned into an ErrorAnswer."""

    status: int
    type: str
    code: str
    message: str
    param: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def response(self) -> web.Response:
        body = ErrorAnswer(ErrorDetail(self.type, self.code, self.message, self.param))
        return web.Response(
            body=msgspec.json.encode(body),
            status=self.status,
            content_type="application/json",
            headers=dict(self.headers),
        )


def answer_to(error: Exception) -> Answer:
    """What a client is told. An error that is not in the table is a bug of ours: it is logged
    here, and the client learns nothing of it."""
    message = str(error)
    match error:
        case ProtocolError(code=code, param=param):
            return Answer(400, _INVALID, code, message, param)
        case AuthError():
            headers = (("WWW-Authenticate", "Bearer"),)
            return Answer(401, _INVALID, "invalid_api_key", message, headers=headers)
        case RateLimited():
            return Answer(
                429, "rate_limit_error", "rate_limit_exceeded", message, headers=_when(error)
            )
        case CapacityError():
            return Answer(503, _SERVER, "no_capacity", message, headers=_when(error))
        case ServiceError():
            return Answer(503, _SERVER, "service_unavailable", message)
        case web.HTTPException(status=status) if status >= 400:
            return _of_http(error)
        case _:
            _log.error("a request broke", exc_info=error)
            return Answer(500, _SERVER, "internal_error", "The server made a mistake.")


def _when(error: CapacityError) -> tuple[tuple[str, str], ...]:
    return (("Retry-After", str(error.retry_after_s)),)


_HTTP_CODES = {
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    412: "precondition_failed",
    413: "request_too_large",
    415: "unsupported_content_type",
    422: "unprocessable",
    428: "precondition_required",
}


def _of_http(error: web.HTTPException) -> Answer:
    allow = error.headers.get("Allow")
    return Answer(
        error.status,
        _INVALID if error.status < 500 else _SERVER,
        _HTTP_CODES.get(error.status, "invalid_request"),
        error.text or error.reason,
        headers=(("Allow", allow),) if allow else (),
    )
