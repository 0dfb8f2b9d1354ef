"""Which network addresses a request that somebody else asks for may go to: public ones only.

Whoever subscribes names an address that this program then connects to. It must not lead to this machine,
to machines beside it, or to the metadata service of a cloud (OWASP: *Server Side Request Forgery
Prevention*).
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
"""IPv6 addresses whose last four bytes are an IPv4 address (RFC 6052; RFC 4291 section 2.5.5.1)."""
_INSIDE: tuple[IPv4Network | IPv6Network, ...] = (
    IPv4Network("168.63.129.16/32"),  # Azure's virtual public IP address of the platform
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),  # relays to 6to4
    IPv6Network("64:ff9b:1::/48"),  # translation within a network (RFC 8215)
    IPv6Network("fec0::/10"),  # site-local, deprecated
)
"""Addresses that look public and are not."""


def may_be_reached(text: str, *, loopback: bool = False) -> bool:
    """Whether requests may go to a network address; with ``loopback``, to this machine, too."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    meant = _meant(address)
    if meant is None:
        return False
    if meant.is_loopback:
        return loopback
    return _is_public(meant)


def is_loopback(text: str) -> bool:
    """Whether a network address is this machine."""
    meant = _meant(ip_address(text.partition("%")[0]))
    return meant is not None and meant.is_loopback


def _meant(address: Address) -> Address | None:
    """The address behind one that stands for another; ``None`` for tunnels, whose end nobody knows."""
    if isinstance(address, IPv4Address) or address.is_loopback:
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None or address.teredo is not None:
        return None
    if any(address in network for network in _TRANSLATED):
        return IPv4Address(address.packed[-4:])
    return address


def _is_public(address: Address) -> bool:
    if any(address.version == network.version and address in network for network in _INSIDE):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
