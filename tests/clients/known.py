"""The clients that are run, and the steps that each of them takes."""

from tests.clients.running import Client

_MOST = ("pages", "search", "answers", "folders", "settings", "refusals")
_NODE = ("the main job", "send mail", "delta", "batch", "moves", *_MOST)

CLIENTS = (
    Client(
        "O365",
        "use_o365.py",
        ("the main job", "filters", "marks moves and copies", "categories", "directory", *_MOST),
        uploads=True,
    ),
    Client(
        "@microsoft/microsoft-graph-client",
        "use_graph_client.mjs",
        ("mime and streams", *_NODE),
        needs_tls=True,
        mentions=True,
        uploads=True,
    ),
    Client("@pnp/graph", "use_pnp.mjs", ("rules and categories", *_NODE), mentions=True),
)
