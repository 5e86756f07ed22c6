"""What is read for discovery."""
