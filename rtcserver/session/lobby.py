"""Admission: every call comes in, is found, and goes out through here."""

import asyncio
from dataclasses import dataclass
from types import TracebackType

import structlog

from rtcserver import metrics
from rtcserver.config import Settings
from rtcserver.errors import CapacityError, RateLimited, TransportClosed
from rtcserver.ids import NewId, random_id
from rtcserver.log import during_call
from rtcserver.realtime.session_object import AnySession
from rtcserver.session.admission import Admission
from rtcserver.session.defaults import effective_session, limits
from rtcserver.session.services import Services
from rtcserver.session.session import Session
from rtcserver.session.sidebands import Sideband
from rtcserver.timer import Stopwatch, epoch_now, now
from rtcserver.transports.base import Transport

_RETRY_AFTER_S = 5  # who is told so at a restart
# Of IANA's registry of WebSocket close codes. 1012 says that it is worth to come back, and
# openai-python does; 1001 would leave that open.
_INTERNAL_ERROR, _SERVICE_RESTART, _TRY_AGAIN_LATER = 1011, 1012, 1013

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked for with its call."""

    call_id: str
    kind: str
    """Name of the door in metrics: "webrtc", "websocket", "whip" or "rtvi"."""
    model: str | None = None
    session: AnySession | None = None
    rtc_events: bool = False
    client: str = ""
    """Whose limits this call counts for."""


@dataclass(frozen=True, slots=True)
class _Call:
    request: Request
    transport: Transport
    session: Session


class Lobby:
    """Owns the tasks of calls that outlive the HTTP request that began them."""

    def __init__(self, settings: Settings, services: Services, new_id: NewId = random_id) -> None:
        self._settings, self._services, self._new_id = settings, services, new_id
        self._calls: dict[str, _Call] = {}
        server = settings.server
        self._admission = Admission(
            server.max_calls, server.max_calls_per_client, server.calls_per_minute
        )
        self.limits = limits(settings, services.tools.labels)
        """By which a session is judged that comes with a request."""
        self._tasks = asyncio.TaskGroup()
        self._closing = False

    async def __aenter__(self) -> "Lobby":
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Every call is told that we are going, and ends."""
        self._closing = True
        for call in self._calls.values():
            self._tasks.create_task(
                _close(call.transport, _SERVICE_RESTART, "the server is going away")
            )
        await self._tasks.__aexit__(kind, exc, trace)

    @property
    def active(self) -> int:
        return len(self._calls)

    def check(self, client: str = "") -> None:
        """Raises CapacityError if there is no room for one more call of this client."""
        if self._closing:
            metrics.CALLS_REFUSED.labels("closing").inc()
            raise CapacityError("The server is going away.", retry_after_s=_RETRY_AFTER_S)
        try:
            active = [call.request.client for call in self._calls.values()]
            self._admission.check(client, active, now())
        except CapacityError as exc:
            limited = isinstance(exc, RateLimited)
            metrics.CALLS_REFUSED.labels("limited" if limited else "full").inc()
            raise

    def start(self, transport: Transport, request: Request) -> None:
        """Serve a call in a task of its own. Raises CapacityError, as check() does."""
        call = self._admit(transport, request)
        self._tasks.create_task(self._serve(call), name=f"call {request.call_id}")

    async def host(self, transport: Transport, request: Request) -> None:
        """Serve a call to its end, and close its transport. The last place may have gone to
        another while it connected: then it is closed at once."""
        try:
            call = self._admit(transport, request)
        except CapacityError as full:
            await _close(transport, _TRY_AGAIN_LATER, str(full))
            return
        except Exception:
            metrics.CALL_ERRORS.inc()
            log.exception("call could not begin")
            await _close(transport, _INTERNAL_ERROR, "internal error")
            return
        await self._serve(call)

    def has(self, call_id: str, client: str | None = None) -> bool:
        """Whether there is such a call, begun by `client` if one is named."""
        call = self._calls.get(call_id)
        return call is not None and client in (None, call.request.client)

    def find(self, call_id: str) -> Transport | None:
        """The wire of a call in progress."""
        call = self._calls.get(call_id)
        return call.transport if call else None

    async def hang_up(self, call_id: str) -> None:
        """A call that has ended already is none to end."""
        if call := self._calls.get(call_id):
            await _close(call.transport, 1000, "hung up")

    def check_sideband(self, call_id: str) -> None:
        """Raises RateLimited if this call has as many as it may."""
        if call := self._calls.get(call_id):
            call.session.sidebands.check()

    async def attend(self, call_id: str, sideband: Sideband) -> None:
        """Serve a sideband until it leaves or the call ends, and close its wire."""
        code, reason = 1000, "the call has ended"
        try:
            if call := self._calls.get(call_id):
                with during_call(call_id):
                    await call.session.attend(sideband)
        except TransportClosed:
            pass
        except RateLimited as exc:
            code, reason = _TRY_AGAIN_LATER, str(exc)
        except Exception:
            code, reason = _INTERNAL_ERROR, "internal error"
            metrics.CALL_ERRORS.inc()
            log.exception("sideband broke", call_id=call_id)
        finally:
            await _close(sideband.wire, code, reason)

    def _admit(self, transport: Transport, request: Request) -> _Call:
        self.check(request.client)
        self._admission.began(request.client, now())
        call = _Call(request, transport, self._session(transport, request))
        self._calls[request.call_id] = call
        return call

    async def _serve(self, call: _Call) -> None:
        request = call.request
        metrics.CALLS.labels(request.kind).inc()
        metrics.CALLS_ACTIVE.labels(request.kind).inc()
        watch, code = Stopwatch(), 1000
        with during_call(request.call_id):
            try:
                log.info("call begins", transport=request.kind)
                reason = await call.session.run()
                log.info("call ends", reason=reason, seconds=round(watch.elapsed(), 1))
            except Exception:  # a bug of ours ends this call and no other
                code = _INTERNAL_ERROR
                metrics.CALL_ERRORS.inc()
                log.exception("call broke")
            finally:
                self._calls.pop(request.call_id, None)
                metrics.CALLS_ACTIVE.labels(request.kind).dec()
                metrics.CALL_SECONDS.observe(watch.elapsed())
                await asyncio.gather(
                    _close(call.transport, code, "" if code == 1000 else "internal error"),
                    call.session.sidebands.close(
                        _SERVICE_RESTART if self._closing else 1000, "the call has ended"
                    ),
                )

    def _session(self, transport: Transport, request: Request) -> Session:
        session = effective_session(
            self._settings,
            session_id=self._new_id("sess"),
            expires_at=int(epoch_now() + self._settings.session.max_call_s),
            model=request.model,
            changes=request.session,
        )
        return Session(
            transport,
            self._services,
            self._settings,
            session=session,
            new_id=self._new_id,
            rtc_events=request.rtc_events,
        )


async def _close(transport: Transport, code: int, reason: str) -> None:
    """A wire that fails even at this ends its own call, and not the server."""
    try:
        await transport.close(code, reason)
    except Exception:
        metrics.CALL_ERRORS.inc()
        log.exception("a call could not be closed")
