"""RTVI 2.x, which pipecat's clients speak, as a dialect of Realtime. Pure; called by server."""
