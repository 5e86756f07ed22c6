"""A stand-in for Finternet's server: real HTTP in a process of its own, everything in memory.

Two profiles: `observed` behaves as the gateway's server was seen to, `documented` as its documentation
says. For tests and for people who want to try the real client without a key.
"""
