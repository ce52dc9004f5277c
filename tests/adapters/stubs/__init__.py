"""Servers that speak the services' real wire, with their faults; each written without our codec."""
