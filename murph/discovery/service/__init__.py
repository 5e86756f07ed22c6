"""The verbs of discovery: keep what is found in step, search, talk."""
