"""Double entry: accounts, journal, transfers, entries, balances; knows no user, course or HTTP."""
