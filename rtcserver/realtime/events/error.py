"""error: the client is told what it, or we, did wrong; the call goes on."""

from typing import Literal

from rtcserver.errors import ProtocolError
from rtcserver.realtime.base import ServerEvent, Wire


class ErrorDetail(Wire, frozen=True, kw_only=True):
    """`event_id` is that of the client event at fault."""

    type: Literal["invalid_request_error", "server_error"]
    code: str | None = None
    message: str
    param: str | None = None
    event_id: str | None = None


class Error(ServerEvent, tag="error", frozen=True, kw_only=True):
    error: ErrorDetail


def error_event(exc: ProtocolError, event_id: str = "") -> Error:
    """`event_id` is the error event's own."""
    return Error(
        event_id=event_id,
        error=ErrorDetail(
            type="invalid_request_error",
            code=exc.code,
            message=str(exc),
            param=exc.param,
            event_id=exc.event_id,
        ),
    )


def server_error(code: str, message: str) -> Error:
    return Error(error=ErrorDetail(type="server_error", code=code, message=message))
