import pytest

from murph.core.http.aliases import routed_path


@pytest.mark.parametrize(
    ("path", "routed"),
    [
        ("/api/sessions", "/api/v1/sessions"),
        ("/api/sessions/", "/api/v1/sessions"),
        ("/api/v1/sessions", "/api/v1/sessions"),
        ("/api/v1/sessions/", "/api/v1/sessions"),
        ("/api/v1", "/api/v1"),
        ("/api/v10/x", "/api/v1/v10/x"),
        ("/api/openapi.json", "/api/openapi.json"),
        ("/api/docs", "/api/docs/"),
        ("/api/docs/", "/api/docs/"),
        ("/api/docs/swagger-ui.css", "/api/docs/swagger-ui.css"),
        ("/healthz", "/healthz"),
        ("/healthz/", "/healthz"),
        ("/metrics/", "/metrics/"),
        ("/ws/session/1", "/ws/session/1"),
        ("/apis/x", "/apis/x"),
        ("/", "/"),
        ("", ""),
    ],
)
def test_each_alias_leads_to_the_routed_path(path: str, routed: str) -> None:
    assert routed_path(path) == routed
