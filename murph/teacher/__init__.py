"""The teacher's desk: what courses earned, and how they were watched."""
