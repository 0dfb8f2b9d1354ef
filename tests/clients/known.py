"""The clients that are run, and the steps that each of them takes.

With TLS are run the one that needs it, and one on each of the libraries that speak HTTP in Python.
"""

from tests.clients.running import Client

_MOST = ("the main job", "pages", "search", "answers", "folders", "refusals")
_MORE = ("send mail", "delta", "batch", "moves", *_MOST)

CLIENTS = (
    Client(
        "msgraph-beta-sdk",
        "use_beta_sdk.py",
        ("mentions in one step", "delta", "batch", "moves", "settings", *_MOST),
        tls=True,
        mentions=True,
        uploads=True,
    ),
    Client(
        "O365",
        "use_o365.py",
        ("filters", "marks moves and copies", "categories", "directory", "settings", *_MOST),
        tls=True,
        uploads=True,
    ),
    Client("Office365-REST-Python-Client", "use_office365.py", ("mime", "directory", *_MORE), uploads=True),
    Client("mailsuite", "use_mailsuite.py", ("the main job", "pages", "messages", "folders"), drafts=False),
    Client(
        "@microsoft/microsoft-graph-client",
        "use_graph_client.mjs",
        ("mime and streams", "settings", *_MORE),
        tls=True,
        mentions=True,
        uploads=True,
    ),
    Client("@pnp/graph", "use_pnp.mjs", ("rules and categories", "settings", *_MORE), mentions=True),
    Client(
        "@microsoft/msgraph-sdk",
        "use_graph_sdk.mjs",
        ("send mail", "delta", "moves", "settings", "compression", *_MOST),
        attaches=False,
    ),
)
