"""Keep one server of tools open for as long as a call needs it."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack

from rtcserver import metrics
from rtcserver.conversation.tool_spec import ToolSpec
from rtcserver.errors import ToolboxLost, ToolError
from rtcserver.services.tools.base import Toolbox

Listing = tuple[ToolSpec, ...] | ToolError


class ToolboxKeeper:
    """Opened and closed in the task of run(). A server that is lost is opened again for the next
    call, and not before."""

    def __init__(
        self,
        opening: Callable[[], AbstractAsyncContextManager[Toolbox]],
        tell: Callable[[Listing], None],
        limit_s: float,
    ) -> None:
        """`tell` is called each time the server has been opened, or could not be."""
        self._opening, self._tell, self._limit_s = opening, tell, limit_s
        self._wanted, self._lost = asyncio.Event(), asyncio.Event()
        self._opened = _future()
        self._stale = False

    async def toolbox(self) -> Toolbox:
        """Waits until it is open. Raises ToolError."""
        if self._stale:
            self._opened, self._stale = _future(), False
            self._wanted.set()
        opened = await asyncio.shield(self._opened)  # others wait for it too
        if isinstance(opened, ToolError):
            raise opened
        return opened

    def lose(self, toolbox: Toolbox) -> None:
        """It is of no use any more."""
        if self._opened.done() and self._opened.result() is toolbox:
            self._stale = True
            self._lost.set()

    async def run(self) -> None:
        """Until cancelled."""
        self._wanted.set()
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                self._lost.clear()
                await self._keep()
        finally:
            self._settle(ToolboxLost("The tools are not there any more."))

    async def _keep(self) -> None:
        metrics.TOOLBOX_OPENINGS.inc()
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(self._limit_s):
                    toolbox = await stack.enter_async_context(self._opening())
                    tools = await toolbox.tools()
                self._settle(toolbox)
                self._tell(tools)
                await self._lost.wait()
        except TimeoutError:
            self._refused(ToolboxLost(f"Not ready after {self._limit_s:g} s."))
        except ToolError as error:
            self._refused(error)

    def _refused(self, error: ToolError) -> None:
        if not self._lost.is_set():  # else it has only been left, whatever it says to that
            self._stale = True
            self._settle(error)
            self._tell(error)

    def _settle(self, opened: Toolbox | ToolError) -> None:
        if not self._opened.done():
            self._opened.set_result(opened)


def _future() -> asyncio.Future[Toolbox | ToolError]:
    return asyncio.get_running_loop().create_future()
