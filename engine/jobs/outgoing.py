"""A POST to an address somebody else entered (对外请求), without letting it reach the bureau's own network.

The host's addresses are looked up once, each must be a public one, and the connection goes to exactly the address
that was judged: a name that answers differently the second time gains nothing. Redirects are not followed.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from engine.errors import Unusable

SECONDS = 10
LONGEST_URL = 500
NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Where a network translates to IPv4: the last four bytes are the address that is reached."""


@dataclass(frozen=True)
class Answer:
    """The HTTP status of the other side."""

    status: int


def check_address(url: str, trusted: Collection[str]) -> SplitResult:
    """The parts of an address deliveries may go to; Unusable with the reason otherwise.

    https, to any host; http or a private address only for `trusted` hosts, named as host or host:port.
    """
    if len(url) > LONGEST_URL:
        raise Unusable(f"推送地址最多 {LONGEST_URL} 个字符。")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise Unusable("推送地址不是网址；请按 https://主机/路径 填写。") from problem
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Unusable("推送地址应以 https:// 开头，并写明主机名。")
    if parts.username is not None or parts.fragment:
        raise Unusable("推送地址不能含用户名、密码或 # 片段。")
    if parts.scheme == "http" and not _is_trusted(parts.hostname, port or 80, trusted):
        raise Unusable("推送地址应以 https:// 开头；内网的 http 地址须由管理员列入 KEGUAN_WEBHOOK_HOSTS。")
    return parts


def post(url: str, body: bytes, headers: Mapping[str, str], trusted: Collection[str]) -> Answer:
    """Send a body; Unusable for an address that may not be reached, OSError or HTTPException when it fails."""
    parts = check_address(url, trusted)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    place = _judged_address(host, port, trusted)
    connection = (_PinnedTls if parts.scheme == "https" else _Pinned)(host, port, place)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, body=body, headers=dict(headers))
        return Answer(connection.getresponse().status)
    finally:
        connection.close()


def _is_trusted(host: str, port: int, trusted: Collection[str]) -> bool:
    return host in trusted or f"{host}:{port}" in trusted


def _judged_address(host: str, port: int, trusted: Collection[str]) -> str:
    """One address of the host, all of which are public (or the host trusted)."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not _is_trusted(host, port, trusted):
        for address in found:
            if not _is_public(address):
                raise Unusable(
                    f"推送地址的主机 {host} 指向内部网络，不能推送；确需推送的列入 KEGUAN_WEBHOOK_HOSTS。"
                )
    return found[0]


def _is_public(address: str) -> bool:
    known = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(known, "ipv4_mapped", None) or getattr(known, "sixtofour", None)
    if known in NAT64:
        inner = ipaddress.ip_address(int(known) & 0xFFFF_FFFF)
    return known.is_global and not known.is_multicast and (inner is None or inner.is_global)


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was judged, whatever the name says now."""

    def __init__(self, host: str, port: int, place: str) -> None:
        super().__init__(host, port, timeout=SECONDS)
        self._place = place

    def connect(self) -> None:
        self.sock = socket.create_connection((self._place, self.port), timeout=SECONDS)


class _PinnedTls(_Pinned):
    """The same under TLS; the certificate must be the host's."""

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
