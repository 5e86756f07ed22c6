"""Turns a probed upload into what is delivered: segments, their encryption, pictures."""
