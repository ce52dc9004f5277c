"""The black boxes that every call uses."""

from collections.abc import Callable
from dataclasses import dataclass

from rtcserver.services.llm.base import ChatModel
from rtcserver.services.stt.base import TranscriberFactory
from rtcserver.services.tools.base import ToolShelf
from rtcserver.services.tts.base import Synthesizer
from rtcserver.services.vad.base import Vad
from rtcserver.text.narration import Spell, as_written


@dataclass(frozen=True, slots=True)
class Services:
    transcribers: TranscriberFactory
    chat: ChatModel
    synthesizer: Synthesizer
    new_vad: Callable[[], Vad]
    tools: ToolShelf
    spell: Spell = as_written
    """Writes out numbers for a voice that cannot read them."""
