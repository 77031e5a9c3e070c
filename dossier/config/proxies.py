"""Where a request really comes from when reverse proxies stand in front (AUD-2, SECURITY E 30).

A proxy appends the address it was called from to ``X-Forwarded-For``; what stands further left may be
the caller's invention. The header is therefore read from the right, and only as far as the addresses
it passed are proxies of ours. Everything behind this middleware finds the client in ``REMOTE_ADDR``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:  # the settings read this module before Django is there
    from django.http import HttpRequest, HttpResponse

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Proxies = int | tuple[Network, ...]
"""How many proxies stand in front, or their addresses."""

_MOST = 10
_NEIGHBOURS = tuple(
    ipaddress.ip_network(network)
    for network in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
        "::1/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip


def parse_proxies(text: str) -> Proxies:
    """What ``DOSSIER_PROXIES`` says: a number, or addresses and networks, comma separated."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        return 0
    if len(words) == 1 and words[0].isascii() and words[0].isdecimal() and int(words[0]) <= _MOST:
        return int(words[0])
    try:
        return tuple(ipaddress.ip_network(word) for word in words)
    except ValueError as error:
        raise ImproperlyConfigured(
            "DOSSIER_PROXIES must be the number of proxies in front, or their addresses, for example "
            f"1 or 10.0.0.5,172.16.0.0/12: {error}."
        ) from error


def is_proxy(peer: str, proxies: Proxies) -> bool:
    """Whether the one who called us is a proxy of ours.

    Where only a number is stated any neighbour (loopback or a private network) may be one; a caller
    from the open internet never is.
    """
    address = _address(peer)
    if address is None or not proxies:
        return False
    networks = _NEIGHBOURS if isinstance(proxies, int) else proxies
    return any(address in network for network in networks)


def client_of(peer: str, forwarded: str, proxies: Proxies) -> str:
    """The address of the client: the peer, or what the proxies say who called them."""
    client, passed = peer, 0
    for word in reversed(forwarded.split(",")):
        trusted = (
            passed < proxies if isinstance(proxies, int) and passed else is_proxy(client, proxies)
        )
        caller = _address(word)
        if not trusted or caller is None:
            break
        client, passed = str(caller), passed + 1
    return client


def _address(text: str) -> Address | None:
    """An address as proxies write it: bare, with a port, an IPv6 one in brackets."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


class ClientAddressMiddleware:
    """Puts the client's address where everything looks for it; without proxies it changes nothing.

    What somebody else than our proxies says of HTTPS is taken away.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        proxies: Proxies = settings.PROXIES
        if proxies:
            peer = str(request.META.get("REMOTE_ADDR", ""))
            if is_proxy(peer, proxies):
                forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", ""))
                request.META["REMOTE_ADDR"] = client_of(peer, forwarded, proxies)
            else:
                request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        return self.get_response(request)
