"""The bundled browser client: shells of pages, and modules that use the public API and sockets only."""
