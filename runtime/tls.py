"""HTTPS for API and pages: which certificate, and where plain HTTP may be spoken (cameras and offline storage need HTTPS too).

A password that goes over a network in plain text is anybody's (21 CFR 11.10(d), 11.300): without a certificate of ours, or somebody
with HTTPS in front, only this machine is listened to.
"""

import ipaddress
import ssl
from typing import Any

from runtime.ports import NO_TLS
from runtime.process import StartError
from runtime.settings import Settings


def check(settings: Settings) -> None:
    """Refuse to start where people's passwords would go over a network in plain text, or with a certificate that serves nobody."""
    if settings.tls_cert is None:
        if not (is_loopback(settings.host) or settings.behind_proxy):
            raise StartError(
                f"{settings.host} is reached over the network, and without HTTPS passwords would be readable there: give a"
                " certificate (--tls CERT KEY), or set BATCHWRIGHT_BEHIND_PROXY=true where a proxy speaks HTTPS in front."
                f" / {settings.host} 可经网络访问，没有 HTTPS 时密码会以明文传输：请用 --tls 证书 私钥，或在前置 HTTPS 代理时设置"
                " BATCHWRIGHT_BEHIND_PROXY=true。"
            )
        return
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # An encrypted key would be asked for on a terminal that no service has.
        context.load_cert_chain(settings.tls_cert, settings.tls_key, password="")
    except (OSError, ValueError) as error:
        raise StartError(
            f"the certificate {settings.tls_cert} with the key {settings.tls_key} can't be used: {error}."
            " Both are PEM files that belong together, the key without a password."
            f" / 证书 {settings.tls_cert} 与私钥 {settings.tls_key} 无法使用：{error}。须为相互匹配、未加密的 PEM 文件。"
        ) from error


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def scheme(settings: Settings) -> str:
    """`https` with a certificate."""
    return "http" if settings.tls_cert is None else "https"


def client(settings: Settings) -> ssl.SSLContext:
    """What a client on this machine needs to talk to API and pages: it trusts that very certificate, whatever name is in it."""
    if settings.tls_cert is None:
        return NO_TLS
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(settings.tls_cert)
    return context


def served(settings: Settings) -> dict[str, Any]:
    """What the web server is told."""
    if settings.tls_cert is None:
        return {}
    return {"ssl_certfile": str(settings.tls_cert), "ssl_keyfile": str(settings.tls_key)}
