"""Makes files that can be delivered by the second: probes what teachers upload, packages and encrypts it."""
