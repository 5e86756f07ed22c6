"""Stand-ins for the four vendors' servers: real HTTP in a process of its own, without a model behind it.

They check what they are asked as the vendors do, answer out of the courses in the question, and can be told
to fail. For tests, and for people who want to try the real adapters without a key.
"""
