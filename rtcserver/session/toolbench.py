"""The tools that run in a call: one task for each server of tools, and one for each run."""

import asyncio
from collections.abc import Callable
from functools import partial

import structlog

from rtcserver import metrics
from rtcserver.config import Tools
from rtcserver.conversation import effects as fx
from rtcserver.conversation import inputs
from rtcserver.errors import ToolboxLost, ToolError
from rtcserver.services.tools.base import Toolbox, ToolShelf
from rtcserver.session.toolbox_keeper import Listing, ToolboxKeeper
from rtcserver.timer import Stopwatch

_log = structlog.get_logger(__name__)


class Toolbench:
    """Carries out what a conversation wants done about tools. How many run is its decision."""

    def __init__(
        self,
        shelf: ToolShelf,
        settings: Tools,
        tasks: asyncio.TaskGroup,
        report: Callable[[inputs.ToolInput], None],
    ) -> None:
        self._shelf, self._settings = shelf, settings
        self._tasks, self._report = tasks, report
        self._boxes: dict[str, tuple[ToolboxKeeper, asyncio.Task[None]]] = {}
        self._runs: dict[str, asyncio.Task[None]] = {}

    def carry_out(self, effect: fx.ToolEffect) -> None:
        match effect:
            case fx.OpenToolbox():
                self._open(effect)
            case fx.CloseToolbox(box=box):
                _, task = self._boxes.pop(box)
                task.cancel()
            case fx.RunTool(call_id=call_id):
                task = self._tasks.create_task(self._run(effect), name=f"tool {call_id}")
                self._runs[call_id] = task
                task.add_done_callback(lambda _: self._runs.pop(call_id, None))
            case fx.CancelTool(call_id=call_id):
                if running := self._runs.get(call_id):
                    running.cancel()

    def _open(self, effect: fx.OpenToolbox) -> None:
        keeper = ToolboxKeeper(
            partial(self._shelf.open, effect.label, effect.server),
            partial(self._tell, effect),
            self._settings.open_timeout_s,
        )
        task = self._tasks.create_task(keeper.run(), name=f"tools {effect.label}")
        self._boxes[effect.box] = keeper, task

    def _tell(self, effect: fx.OpenToolbox, listing: Listing) -> None:
        if isinstance(listing, ToolError):
            metrics.TOOLBOX_FAILURES.inc()
            _log.warning("no tools", label=effect.label, error=str(listing))
            self._report(inputs.ToolsFailed(effect.box, str(listing)))
        else:
            self._report(inputs.ToolsListed(effect.box, listing))

    async def _run(self, effect: fx.RunTool) -> None:
        watch, outcome = Stopwatch(), "cancelled"
        metrics.TOOLS_RUNNING.inc()
        try:
            came = await self._call(effect)
            outcome = "done" if isinstance(came, inputs.ToolResult) else "failed"
        finally:
            metrics.TOOLS_RUNNING.dec()
            metrics.TOOL_CALLS.labels(outcome).inc()
            metrics.TOOL_SECONDS.observe(watch.elapsed())
        self._report(came)

    async def _call(self, effect: fx.RunTool) -> inputs.ToolResult | inputs.ToolFailed:
        found = self._boxes.get(effect.box)
        if found is None:
            return inputs.ToolFailed(effect.call_id, "The tools are not there any more.")
        keeper, limit_s = found[0], self._settings.timeout_s
        toolbox: Toolbox | None = None
        try:
            async with asyncio.timeout(limit_s):
                toolbox = await keeper.toolbox()
                output = await toolbox.call(effect.tool, effect.arguments)
        except TimeoutError:
            return inputs.ToolFailed(effect.call_id, f"No result after {limit_s:g} s.")
        except ToolError as error:
            # Not its text: a tool may quote there what was said.
            _log.warning("tool failed", tool=effect.tool, kind=type(error).__name__)
            if isinstance(error, ToolboxLost) and toolbox is not None:
                keeper.lose(toolbox)
            return inputs.ToolFailed(effect.call_id, str(error), error.code)
        return inputs.ToolResult(effect.call_id, output)
