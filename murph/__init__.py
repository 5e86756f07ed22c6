"""Murph: a learning marketplace where a student pays only for the seconds actually watched."""
