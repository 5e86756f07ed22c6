"""Finding the right course: search, and chat that understands, ranks, prices and never invents."""
