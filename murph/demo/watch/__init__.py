"""A student's evening, played against a running server as any other client would: REST and WebSocket."""
