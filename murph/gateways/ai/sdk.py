"""What the libraries of OpenAI and Anthropic have in common: one generator made both."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

from murph.gateways.ai.failures import by_status
from murph.gateways.ai.port import ProviderAway, ProviderFailed, ProviderTimedOut, ProviderUnreadable

if TYPE_CHECKING:
    import httpx2


@contextmanager
def connections(library: ModuleType) -> Iterator["httpx2.Client"]:
    """Open what a library asks one question over, and name what it raises meanwhile.

    No connection is kept, as a forked worker would share it. Neither a proxy that the environment names nor
    an address that an answer leads to may see the key; Anthropic's own client would use the former.
    """
    import httpx2

    try:
        with httpx2.Client(trust_env=False, follow_redirects=False) as client:
            yield client
    except (library.APITimeoutError, httpx2.TimeoutException):
        raise ProviderTimedOut("no answer in time") from None
    except library.APIConnectionError:
        raise ProviderAway("no connection") from None
    except library.APIStatusError as error:
        raise by_status(error.status_code) from None
    except library.APIError as error:
        raise _in_a_stream(library, error) from None
    except httpx2.HTTPError:  # the libraries leave as it is what breaks off in the middle of a stream
        raise ProviderAway("broken off") from None
    except ValueError:  # of whoever read the JSON
        raise ProviderUnreadable("no JSON") from None


def _in_a_stream(library: ModuleType, error: Exception) -> ProviderFailed:
    if isinstance(error, library.APIResponseValidationError):
        return ProviderUnreadable("another form")
    return ProviderAway("an error in place of an answer")
