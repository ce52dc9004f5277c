"""Every error this server raises on purpose, sorted by whose fault it is.

RtcServerError
├─ ConfigError              the operator's fault  -> one line, exit 2
├─ ProtocolError            the client's fault    -> `error` event or HTTP 4xx; the call goes on
├─ AuthError                nobody we know        -> HTTP 401
├─ CapacityError            we are full           -> HTTP 503 with Retry-After, close 1013
│  └─ RateLimited           this client asks too much -> HTTP 429 with Retry-After, close 1013
├─ ServiceError             a black box let us down
│  ├─ ServiceUnavailable    cannot connect, timed out
│  │  └─ ServiceBroken      it never will, as it is set
│  ├─ ServiceBusy           it refuses us for want of a free slot
│  └─ ServiceFailed         broke in mid-stream   -> response.done(failed); the call goes on
└─ ToolError                a tool failed         -> its result tells the model; the call goes on
   └─ ToolboxLost           its server is gone    -> opened again for the next call
TransportClosed             not an error: how calls end
"""


class RtcServerError(Exception):
    """Base of all of them. Catch a subclass, never this."""


class ConfigError(RtcServerError):
    """A setting is wrong; the message names key, value and source on one line."""


class ProtocolError(RtcServerError):
    """The client broke the protocol; it is told so and the call goes on."""

    def __init__(
        self,
        message: str,
        *,
        code: str,
        param: str | None = None,
        event_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.param = param
        self.event_id = event_id


class AuthError(RtcServerError):
    """The client shows no key, or a wrong one."""


class CapacityError(RtcServerError):
    """No room for another call; `retry_after_s` says when to ask again."""

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RateLimited(CapacityError):
    """There may be room, but not for this client, which is over a limit of its own."""


class ServiceError(RtcServerError):
    """An STT, LLM or TTS service let us down; `service` is one of "stt", "llm", "tts"."""

    def __init__(self, service: str, message: str) -> None:
        super().__init__(f"{service}: {message}")
        self.service = service


def first_cause(errors: BaseExceptionGroup[ServiceError]) -> ServiceError:
    """The error that the others of the group, if there are any, came of."""
    first = errors.exceptions[0]
    return first_cause(first) if isinstance(first, BaseExceptionGroup) else first


class ServiceUnavailable(ServiceError):
    """It cannot be reached, or did not answer in time."""


class ServiceBroken(ServiceUnavailable):
    """It cannot work as it is set, or on this machine: to ask again is no use."""


class ServiceBusy(ServiceError):
    """It answered, but has no free slot."""


class ServiceFailed(ServiceError):
    """It broke, or spoke nonsense, in mid-stream."""


class ToolError(RtcServerError):
    """What the model called could not be done; it is told the message. `code` is JSON-RPC's, if
    the server of the tool refused and not the tool itself."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class ToolboxLost(ToolError):
    """The server of the tool is not there, or speaks nonsense."""


class TransportClosed(Exception):
    """The peer left, or the call was hung up; the message says how."""
