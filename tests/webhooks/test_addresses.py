"""Which network addresses may be asked."""

import pytest

from letterbook.adapters.webhooks.addresses import is_loopback, may_be_reached

PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"]
LOOPBACK = ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "::127.0.0.1"]
INSIDE = [
    *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),  # private (RFC 1918)
    *("fc00::1", "fd00:ec2::254"),  # unique local (RFC 4193); the second is the metadata service of a cloud
    *("169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0"),  # link-local; the first as above
    *("100.64.0.1", "100.100.100.200"),  # shared (RFC 6598); the second as above
    "168.63.129.16",  # the platform of a cloud, behind an address that looks public
    *("0.0.0.0", "::", "255.255.255.255"),
    *("224.0.0.1", "239.1.1.1", "ff02::1", "224.0.1.1"),  # multicast
    *("192.0.0.1", "192.0.0.9", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "240.0.0.1"),
    *("2001:db8::1", "fec0::1", "100::1", "64:ff9b:1::1"),
    *("::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "::10.0.0.1"),  # IPv4 inside IPv6
    *("2002:a9fe:a9fe::1", "2002:808:808::1", "2001:0:0:1::1"),  # tunnels
]
NONE = ["", "localhost", "127.1", "0x7f000001", "2130706433", "1.2.3", "::g"]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_ones_may_be(address: str) -> None:
    assert may_be_reached(address)


@pytest.mark.parametrize("address", INSIDE)
def test_those_inside_may_not_whatever_is_asked_for(address: str) -> None:
    assert not may_be_reached(address)
    assert not may_be_reached(address, loopback=True)


@pytest.mark.parametrize("address", LOOPBACK)
def test_this_machine_may_be_when_asked_for(address: str) -> None:
    assert not may_be_reached(address)
    assert may_be_reached(address, loopback=True)
    assert is_loopback(address)


@pytest.mark.parametrize("address", NONE)
def test_what_is_no_address_may_not(address: str) -> None:
    assert not may_be_reached(address, loopback=True)
