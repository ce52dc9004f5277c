"""What an MCP server says of a tool, and what a tool says, in our words. Pure."""

import msgspec
from mcp_types import (
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ResourceLink,
    TextContent,
    TextResourceContents,
    Tool,
)

from rtcserver.conversation.tool_spec import ToolSpec


def spec_of(tool: Tool) -> ToolSpec:
    read_only = tool.annotations.read_only_hint if tool.annotations else None
    return ToolSpec(tool.name, tool.description or "", tool.input_schema, read_only)


def text_of(result: CallToolResult) -> str:
    """All of it that can be read; structured content only where there is nothing else."""
    texts = [_text(block) for block in result.content]
    if not texts and result.structured_content is not None:
        return msgspec.json.encode(result.structured_content).decode()
    return "\n".join(texts)


def _text(block: ContentBlock) -> str:
    match block:
        case TextContent(text=text):
            return text
        case ResourceLink(uri=uri):
            return str(uri)
        case EmbeddedResource(resource=TextResourceContents(text=text)):
            return text
        case _:
            return f"[{block.type}]"
