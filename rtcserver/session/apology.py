"""What is said in the place of a reply that could not be made."""

import re
from dataclasses import dataclass

from rtcserver import config
from rtcserver.errors import ServiceError, ServiceFailed


@dataclass(frozen=True, slots=True)
class Apology:
    """Without a text there is none. One that is not `spoken` is a caption alone."""

    text: str
    spoken: bool

    def words(self, *, after_text: bool) -> list[str]:
        """Joined they are the text, as it goes on from what was written before."""
        return re.findall(r"\s*\S+", f" — {self.text}" if after_text else self.text)

    def audible(self, cause: ServiceError) -> bool:
        """A voice that broke can be opened again; one that cannot be opened was tried enough."""
        voiceless = cause.service == "tts" and not isinstance(cause, ServiceFailed)
        return self.spoken and bool(self.text) and not voiceless


def apology(settings: config.Session) -> Apology:
    text = "" if settings.apology == "off" else settings.apology_text.strip()
    return Apology(text, settings.apology == "spoken")
