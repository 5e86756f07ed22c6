"""Payments from outside: the port, its adapters, and the choice between them."""
