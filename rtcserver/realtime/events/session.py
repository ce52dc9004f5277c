"""session.*: how the call is set up."""

from rtcserver.realtime.base import ClientEvent, ServerEvent
from rtcserver.realtime.session_object import AnySession, RealtimeSession, TranscriptionSession


class SessionUpdate(ClientEvent, tag="session.update", frozen=True, kw_only=True):
    session: RealtimeSession


class TranscriptionSessionUpdate(ClientEvent, tag="session.update", frozen=True, kw_only=True):
    session: TranscriptionSession


class SessionCreated(ServerEvent, tag="session.created", frozen=True, kw_only=True):
    session: AnySession


class SessionUpdated(ServerEvent, tag="session.updated", frozen=True, kw_only=True):
    session: AnySession
