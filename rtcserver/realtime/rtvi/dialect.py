"""One call's translator between RTVI and Realtime: what it has to remember, and who does what."""

from collections.abc import Iterable, Iterator

from rtcserver.errors import ProtocolError
from rtcserver.realtime.base import ClientEvent, ServerEvent
from rtcserver.realtime.dialect import Exchange
from rtcserver.realtime.events import response as ev
from rtcserver.realtime.rtvi import messages as rtvi
from rtcserver.realtime.rtvi.moment import Moment
from rtcserver.realtime.rtvi.news import to_messages
from rtcserver.realtime.rtvi.orders import to_events

# The transport's own envelope, in which pipecat tells the client that its bot has gone.
_PEER_LEFT = '{"type":"signalling","message":{"type":"peerLeft"}}'


class RtviDialect:
    """RTVI 2.x, as @pipecat-ai/client-js and its small-webrtc-transport speak it."""

    label = "chat"

    def __init__(self, library_version: str) -> None:
        """The version is told to the client, beside our name."""
        self._about = {"library": "rtcserver", "library_version": library_version}
        self._moment = Moment()

    def from_client(self, message: str | bytes) -> Exchange:
        read = rtvi.read_message(message)
        if read is None:  # a ping, or the state of a track
            return Exchange()
        try:
            return self._obey(read)
        except ProtocolError as exc:
            return Exchange(to_client=(rtvi.write_error(str(exc), answers=read.id),))

    def from_session(self, event: ServerEvent, at: str) -> Exchange:
        told = tuple(to_messages(event, self._moment, at))
        match event:
            case ev.ResponseDone(response=response) if self._moment.end_response(response.id):
                return Exchange(told, _written((ev.ResponseCreate(),)))
            case _:
                return Exchange(told)

    def _obey(self, message: rtvi.Message) -> Exchange:
        match message.type:
            case "client-ready":
                return Exchange(tuple(self._greet(message)))
            case "disconnect-bot":
                return Exchange((_PEER_LEFT,), leaves=True)
            case _:
                events = tuple(to_events(message, self._moment))
                return Exchange(tuple(_receipt(message)), _written(events))

    def _greet(self, message: rtvi.Message) -> Iterator[str]:
        version = rtvi.data_of(message, rtvi.ClientReady).version
        ready = {"version": rtvi.VERSION, "about": self._about}
        yield rtvi.write_message("bot-ready", ready, answers=message.id)
        if version.split(".")[0] != rtvi.VERSION.split(".")[0]:
            warning = f"RTVI {rtvi.VERSION} is spoken here, not {version or 'an unknown one'}."
            yield rtvi.write_error(warning, answers=message.id)


def _receipt(message: rtvi.Message) -> Iterator[str]:
    """What a client waits for when it has sent this."""
    match message.type:
        case "client-message":
            told = {"t": rtvi.data_of(message, rtvi.ClientMessage).t}
            yield rtvi.write_message("server-response", told, answers=message.id)
        case "llm-function-call-result":
            result = rtvi.data_of(message, rtvi.FunctionResult)
            data = {
                "function_name": result.function_name,
                "tool_call_id": result.tool_call_id,
                "cancelled": False,
                "result": result.result,
            }
            yield rtvi.write_message("llm-function-call-stopped", data)


def _written(events: Iterable[ClientEvent]) -> tuple[str, ...]:
    return tuple(map(rtvi.to_json, events))
