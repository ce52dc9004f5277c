"""What a server that speaks OpenAI's HTTP means when it refuses. Pure."""

from typing import Any

import msgspec

from rtcserver.errors import ServiceBusy, ServiceError, ServiceFailed, ServiceUnavailable

# What msgspec raises for bytes that are not JSON, not text, or nested without end.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def error_message(error: Any) -> str:
    """The servers' many ways to put it, on one short line."""
    while isinstance(error, dict):
        error = error.get("error") or error.get("message") or error.get("detail") or "error"
    return " ".join(str(error).split())[:200]


def reason_in(body: bytes) -> str:
    """What it says about its refusal."""
    try:
        return error_message(msgspec.json.decode(body))
    except UNREADABLE:
        return error_message(body.decode(errors="replace"))


def refusal(service: str, status: int, reason: str) -> ServiceError:
    match status:
        case 401 | 403:
            why = f"wrong key ({status}), see {service}.api_key: {reason}"
            return ServiceUnavailable(service, why)
        case 404:
            why = f"not there (404), see {service}.url and {service}.model: {reason}"
            return ServiceUnavailable(service, why)
        case 502 | 504:  # a gateway with nothing behind it
            return ServiceUnavailable(service, f"not there ({status}): {reason}")
        case 429 | 503:
            return ServiceBusy(service, f"refuses us ({status}): {reason}")
        case _:
            return ServiceFailed(service, f"failed ({status}): {reason}")
