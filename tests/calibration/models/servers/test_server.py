"""What a server can do: a route is tried once, and says how much it gives or why nothing."""

from __future__ import annotations

from calibration.models.servers.connections import Connection
from calibration.models.servers.server import Route, Server
from tests.fake_server import NAME, fake_server


def test_a_route_gives_tokens_or_a_refusal() -> None:
    with fake_server(ways=("completions",)) as fake:
        server = Server(NAME, Connection(fake.url, timeout=10.0, attempts=1))
        assert server.route("completions") == Route(top=20)
        refused = server.route("chat/completions")
        assert refused.top == 0
        assert refused.refusal.startswith("HTTP 404")
        n_requests = len(fake.requests)
        assert server.route("chat/completions") is refused
        assert len(fake.requests) == n_requests
