"""How many files and sockets this process may have open."""

import resource


def allow_open_files(wanted: int) -> None:
    """Let this process open so many files, or as many as the hard limit lets it."""
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    if allowed != resource.RLIM_INFINITY and allowed < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
