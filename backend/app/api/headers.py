"""Headers every answer carries, so that a browser does nothing with it that we did not mean.

Used by middleware.py and errors.py. Tests: tests/test_api/test_middleware.py
"""

from __future__ import annotations

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""The same for everyone; the content security policy depends on where the server is reached."""


def content_security_policy(base_url: str, bucket_url: str | None = None) -> str:
    """Return the policy: own scripts and styles only, media from here by either of the server's names, no framing.

    Args:
        base_url: Address that this server's signed links begin with.
        bucket_url: Address that a bucket's signed links begin with, without a trailing slash; null without a bucket.
    """
    media = f"{base_url} {bucket_url}/" if bucket_url else base_url
    socket_url = base_url.replace("http", "ws", 1)
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' data: blob: {media}",
            f"media-src 'self' blob: {media}",
            f"connect-src 'self' {base_url} {socket_url}",
            "font-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )
