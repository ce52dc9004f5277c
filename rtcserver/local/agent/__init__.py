"""The demo agent's mind: pure rules over the messages of one request.

May import the pure rooms; called by agent_server.
"""
