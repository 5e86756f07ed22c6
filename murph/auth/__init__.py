"""Who is asking: accounts, passwords, tokens and the guards in front of every route."""
