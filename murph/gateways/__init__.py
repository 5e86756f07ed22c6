"""The outside world: for each kind of service a port, an adapter per vendor, an embedded default."""
