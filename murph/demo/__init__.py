"""The demo: a world to look at, a session to watch, and everything started with one command."""
