"""Dovecot as a peer: its own configuration, port and folders; started and stopped here."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

SETTINGS = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
first_valid_uid = 1
mail_max_userip_connections = 1000
mail_location = sdbox:{mail}/%u
mail_fsync = {fsync}
{indexing}
namespace inbox {{
  inbox = yes
  mailbox Drafts {{
    auto = create
  }}
  mailbox Sent {{
    auto = create
  }}
}}
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={mail}/%u allow_all_users=yes
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service imap {{
  process_limit = 512
}}
"""

INDEXING = {
    "xapian": """
mail_plugins = fts fts_xapian
plugin {
  fts = xapian
  fts_xapian = partial=3 full=20
  fts_autoindex = no
}
service indexer-worker {
  vsz_limit = 0
}
""",
    "": "",
}
"""How the full text index is switched on, by its name; last how none is.

Squat, which comes with Dovecot itself, is not among them: in 2.3.19 it crashes when a folder is opened.
"""
_PLUGINS = ("/usr/lib/dovecot/modules", "/usr/lib64/dovecot", "/usr/local/lib/dovecot")


def program(name: str = "dovecot") -> str | None:
    """Where a program of Dovecot's is, if it is installed."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def best_index() -> str:
    """The full text index that is installed, if one is."""
    places = (Path(place) / "lib21_fts_xapian_plugin.so" for place in _PLUGINS)
    return "xapian" if any(place.exists() for place in places) else ""


@contextmanager
def dovecot(
    folder: Path, fsync: str = "optimized", *, mail: Path | None = None, index: str = ""
) -> Iterator[int]:
    """A server on an empty folder; gives its port. ``mail``: where its mail is, if not in there."""
    found, port = program(), _free_port()
    assert found is not None, "asked for only where it is installed"
    config = _configured(folder, port, fsync, mail or folder / "mail", index)
    with subprocess.Popen([found, "-F", "-c", str(config)]) as server:
        try:
            _wait_for(port, server, folder / "dovecot.log")
            yield port
        finally:
            server.terminate()
            server.wait(timeout=30)


def index_inbox(folder: Path, user: str) -> None:
    """Bring the full text index of a user's inbox up to date, and wait for it. The server must run."""
    doveadm = program("doveadm")
    assert doveadm is not None, "comes with Dovecot"
    subprocess.run([doveadm, "-c", str(folder / "dovecot.conf"), "index", "-u", user, "INBOX"], check=True)


def _configured(folder: Path, port: int, fsync: str, mail: Path, index: str) -> Path:
    """Write the settings. Run by root, Dovecot keeps mail as nobody; else everything runs as one user."""
    root = os.geteuid() == 0
    owner = pwd.getpwnam("nobody") if root else pwd.getpwuid(os.geteuid())
    mail.mkdir(exist_ok=True)
    if root:
        os.chown(mail, owner.pw_uid, owner.pw_gid)
        for each in (folder, folder.parent, mail.parent):
            each.chmod(0o755)
    text = SETTINGS.format(
        folder=folder,
        mail=mail,
        indexing=INDEXING[index],
        internal="dovecot" if root else owner.pw_name,
        internal_group="dovecot" if root else _group(),
        login="dovenull" if root else owner.pw_name,
        uid=owner.pw_uid,
        gid=owner.pw_gid,
        port=port,
        fsync=fsync,
    )
    config = folder / "dovecot.conf"
    config.write_text(text)
    return config


def _group() -> str:
    import grp

    return grp.getgrgid(os.getegid()).gr_name


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port: int = listener.getsockname()[1]
    return port


def _wait_for(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = monotonic() + 10
    while monotonic() < until and server.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            if connection.recv(100).startswith(b"* OK"):
                return
        sleep(0.05)
    raise RuntimeError(f"Dovecot does not answer: {log.read_text()[-500:] if log.exists() else ''}")
