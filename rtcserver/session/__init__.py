"""One call: tasks and queues. Imports ports only; called by server."""
