"""The search engine: pure, in memory, without a database, Flask or model weights."""
