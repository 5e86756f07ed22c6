"""Understanding a message offline: what it is about, and what was wished besides."""
