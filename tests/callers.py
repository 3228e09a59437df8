"""Callers of the service: files of keys, an issuer that signs tokens, settings that know both."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from joserfc import jwk, jwt

from features.files.atomic_write import write_whole
from serving.identity.caller import Scope
from serving.identity.key_changes import created
from serving.identity.key_file import Records, read_keys, written_keys

ISSUER, AUDIENCE, SUBJECT = "https://login.hospital.example", "cart-outcomes", "Dr. CANARY Ivanova"
PROXY_USER = "CANARY.Ivanova@hospital.example"
KID = "2026-11"

SIGNER = jwk.ECKey.generate_key("P-256", {"kid": KID})
STRANGER = jwk.ECKey.generate_key("P-256", {"kid": KID})
"""The issuer's key, and one of the same name that is not the issuer's."""

SETTINGS = f"""
caller_digest_key = "caller.key"

[[issuers]]
name = "{ISSUER}"
audience = "{AUDIENCE}"
keys = "login.json"
algorithms = ["ES256"]

[[issuers]]
name = "{ISSUER}/once"
audience = "{AUDIENCE}"
keys = "login.json"
algorithms = ["ES256"]
once = true

[proxy]
addresses = ["10.0.0.5"]
user_header = "X-Remote-User"
"""


def site(folder: Path, *, more: str = "") -> Path:
    """Write the settings of a site, with the files that they name; ``more`` comes first."""
    write_whole(folder / "caller.key", "k" * 32, private=True)
    keys = {"keys": [SIGNER.as_dict(private=False)]}
    (folder / "login.json").write_text(json.dumps(keys), encoding="utf-8")
    (folder / "identity.toml").write_text(more + SETTINGS, encoding="utf-8")
    return folder / "identity.toml"


def new_key_in(file: Path, *scopes: Scope, label: str = "ward 3") -> str:
    """Add a key to a file, and give it."""
    known: Records = read_keys(file) if file.exists() else ()
    records, key = created(known, label=label, scopes=scopes, now=datetime.now(UTC), lifetime=None)
    write_whole(file, written_keys(records), private=True)
    return key.text


def claims(**changed: Any) -> dict[str, Any]:
    """State who signed on, for ten minutes; None leaves a claim out."""
    now = int(time.time())
    stated = {
        "iss": ISSUER,
        "sub": SUBJECT,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + 600,
        "scope": "openid predict read",
    }
    return {name: value for name, value in {**stated, **changed}.items() if value is not None}


def token(stated: dict[str, Any] | None = None, *, key: Any = SIGNER, **header: Any) -> str:
    """Sign claims as the issuer does."""
    head = {"alg": "ES256", "kid": KID, **header}
    head = {name: value for name, value in head.items() if value is not None}
    registry = jwt.JWSRegistry(algorithms=[head["alg"]], strict_check_header=False)
    return jwt.encode(head, claims() if stated is None else stated, key, registry=registry)


def unsigned(header: dict[str, Any], stated: dict[str, Any], signature: bytes = b"") -> str:
    """Write a token by hand."""
    return ".".join(map(base64, (json.dumps(header).encode(), json.dumps(stated).encode(), signature)))


def signed_with_public_key(stated: dict[str, Any]) -> str:
    """Take the issuer's public key for a shared secret: a checker that is led by the header believes it."""
    start = unsigned({"alg": "HS256", "kid": KID, "typ": "JWT"}, stated).rpartition(".")[0]
    public = SIGNER.as_pem(private=False)
    return f"{start}.{base64(hmac.new(public, start.encode(), hashlib.sha256).digest())}"


def base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
