"""What tests and benchmarks stand on: private servers, fresh databases, real processes."""
