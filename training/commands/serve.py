"""Serve the released model over HTTP."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from features.problems import Refused
from features.project_files import PROJECT
from serving.http.allowed_hosts import ALLOWED_HOSTS_VARIABLE, HostError
from serving.http.allowed_hosts import allowed_hosts as parse_hosts
from serving.http.drain import DRAIN_SECONDS
from serving.http.number_setting import NumberSettingError
from serving.http.own_words import OWN_WORDS_VARIABLE, OwnWordsError, own_pages
from serving.http.small_counts_setting import SmallCountsError, environment_small_counts
from serving.http.starters import STARTER_VARIABLE
from serving.http.worker_processes import WORKERS
from training.commands.access import (
    EVERYBODY_HERE,
    Access,
    IdentityFile,
    KeysFile,
    OpenAccess,
    access_environment,
)
from training.commands.options import BundleFolder, Port, given_path
from training.commands.release_trust import (
    BY_ENVIRONMENT,
    ReleaseKeys,
    ReleaseTrust,
    Unsigned,
    trust_environment,
)
from training.commands.served_record import RecordFile, record_environment
from training.console.child_processes import Server, ip_address, refuse_taken_port, run_until_stopped
from training.console.screen import announce

HOST = "127.0.0.1"


def command(
    port: Port = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on")] = HOST,
    bundle: BundleFolder = "",
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Additional host name to accept requests for, e.g. risk.hospital.example or "
            "*.hospital.example; repeatable",
        ),
    ] = None,
    own_words: Annotated[
        str,
        typer.Option(metavar="FILE", help="TOML file with the center's name, logo, advice and protocols"),
    ] = "",
    keys: KeysFile = "",
    identity: IdentityFile = "",
    open_access: OpenAccess = False,
    release_keys: ReleaseKeys = "",
    unsigned: Unsigned = False,
    record: RecordFile = "",
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=WORKERS.most,
            help="Processes that answer; they share the memory of the model "
            f"(default: {WORKERS.variable}, or 1)",
        ),
    ] = None,
    drain_seconds: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=DRAIN_SECONDS.most,
            help="Seconds of answering new requests after SIGTERM, while /readyz is 503 "
            f"(default: {DRAIN_SECONDS.variable}, or 0)",
        ),
    ] = None,
) -> None:
    """Serve predictions over HTTP."""
    serve(
        port=port,
        host=host,
        bundle=given_path(bundle),
        allowed_hosts=allowed_host or (),
        own_words=given_path(own_words),
        access=Access(given_path(keys), given_path(identity), open_access=open_access),
        workers=workers,
        drain_seconds=drain_seconds,
        trust=ReleaseTrust(given_path(release_keys), unsigned=unsigned),
        record=given_path(record),
    )


def serve(
    port: int = 3000,
    host: str = HOST,
    bundle: Path | None = None,
    allowed_hosts: Sequence[str] = (),
    own_words: Path | None = None,
    access: Access = EVERYBODY_HERE,
    workers: int | None = None,
    drain_seconds: int | None = None,
    trust: ReleaseTrust = BY_ENVIRONMENT,
    record: Path | None = None,
) -> None:
    """Serve a bundle over HTTP until stopped; requests in progress are finished first.

    The release is compared with MLflow's champion first: a difference is a warning, and the release is
    served. A later release replaces it while the service runs.

    Parameters
    ----------
    port : int
        To listen on.
    host : str
        Address to listen on; this machine alone by default.
    bundle : Path, optional
        Folder of a bundle, which is not followed; the release by default, which is.
    allowed_hosts : sequence of str
        Further names that requests may be sent to, beside `host`, localhost and the address listened on.
    own_words : Path, optional
        TOML file of what the center says on the pages; that of the environment by default.
    access : Access
        Who may ask; everybody by default, on this machine's own address only.
    workers : int, optional
        Processes that answer; the number of the environment by default, else 1.
    drain_seconds : int, optional
        For which new requests are still answered after SIGTERM; those of the environment by default, else 0.
        A second signal ends this time.
    trust : ReleaseTrust
        Which releases are accepted; those signed by a key that the environment names by default.
    record : Path, optional
        TOML file of the record of answers; that of the environment by default, else none is kept.

    Raises
    ------
    Refused
        Before anything starts, if the port is taken, the bundle is damaged, a host name is invalid, the
        center's words, the record or the number of workers cannot be used, other machines could ask without
        an identity, or the release is not accepted; later, if the service stops unexpectedly.
    """
    started = service(
        port, host, bundle, allowed_hosts, own_words, access, workers, drain_seconds, trust, record
    )
    run_until_stopped([started], announce=announce)


def service(
    port: int,
    host: str,
    bundle: Path | None,
    allowed_hosts: Sequence[str] = (),
    own_words: Path | None = None,
    access: Access = EVERYBODY_HERE,
    workers: int | None = None,
    drain_seconds: int | None = None,
    trust: ReleaseTrust = BY_ENVIRONMENT,
    record: Path | None = None,
) -> Server:
    """State how the service is started, after verifying what it will serve.

    Raises
    ------
    Refused
        If the port is taken, the bundle is damaged, an allowed host name is invalid, the center's words, the
        record or a number of the environment cannot be used, other machines could ask without an identity,
        or the release is not accepted.
    """
    # The bundle's libraries take seconds to import.
    from serving.http.budgets import DRAINED_WITHIN_SECONDS
    from serving.model.released_bundle import BUNDLE_VARIABLE, released_bundle

    address = ip_address(host)
    known_callers = access_environment(access, address)
    accepted_keys = trust_environment(trust, address)
    hosts = _hosts(host, allowed_hosts)
    words = _verified(own_words or Path(os.environ.get(OWN_WORDS_VARIABLE, "")))
    processes, drained = _numbers_of_environment(workers, drain_seconds)
    kept, announced = record_environment(record)
    refuse_taken_port(port, address)
    folder = (released_bundle() if bundle is None else bundle).resolve()
    _announce_release(folder, accepted_keys)
    for sentence in announced:
        announce(sentence)
    if bundle is None:
        # MLflow takes seconds to import, and a bundle folder does without it.
        from training.tracking.release_agreement import warn_before_serving

        warn_before_serving()
    return Server(
        name="service",
        arguments=(
            *(sys.executable, "-m", "bentoml", "serve", "serving.service:RiskService"),
            *("--host", address, "--port", str(port), "--working-dir", str(PROJECT)),
            *("--timeout-graceful-shutdown", str(DRAINED_WITHIN_SECONDS)),
        ),
        host=address,
        port=port,
        ready_path="/readyz",
        environment={
            BUNDLE_VARIABLE: str(folder) if bundle is not None else "",
            ALLOWED_HOSTS_VARIABLE: hosts,
            OWN_WORDS_VARIABLE: words,
            WORKERS.variable: str(processes),
            DRAIN_SECONDS.variable: str(drained),
            STARTER_VARIABLE: str(os.getpid()),
            **known_callers,
            **accepted_keys,
            **kept,
            "BENTOML_DO_NOT_TRACK": "True",
        },
        ends_within_seconds=drained + DRAINED_WITHIN_SECONDS + 5,
        sees_its_starter_end=True,
    )


def _announce_release(folder: Path, accepted_keys: Mapping[str, str]) -> None:
    """Verify what will be served as the service will, and say what it is."""
    from serving.release.public_keys import accepted_release_keys
    from serving.release.verified_release import release_cautions, verified_with_keys

    keys = accepted_release_keys(accepted_keys)
    served = verified_with_keys(folder, keys)
    announce(f"serving {served.named}")
    for caution in release_cautions(folder, served, keys):
        sys.stderr.write(f"warning: {caution}\n")


def _numbers_of_environment(workers: int | None, drain_seconds: int | None) -> tuple[int, int]:
    """Take from the environment the numbers that are not given, and refuse what the service would refuse."""
    try:
        environment_small_counts()
        return (
            WORKERS.read() if workers is None else workers,
            DRAIN_SECONDS.read() if drain_seconds is None else drain_seconds,
        )
    except (NumberSettingError, SmallCountsError) as error:
        raise Refused(str(error)) from None


def _verified(own_words: Path) -> str:
    """Read the center's words, so that a mistake is reported here; give the whole path, "" for none."""
    if own_words == Path():
        return ""
    try:
        own_pages(own_words)
    except OwnWordsError as error:
        message = f"--own-words: {error}"
        raise Refused(message) from None
    return str(own_words.resolve())


def _hosts(host: str, allowed: Sequence[str]) -> str:
    """Join the names that requests may be sent to: of the options and of the environment."""
    names = [host, *allowed, *os.environ.get(ALLOWED_HOSTS_VARIABLE, "").split(",")]
    stated = [name.strip() for name in names if name.strip()]
    try:
        parse_hosts(stated)
    except HostError as error:
        message = f"--allowed-host: {error}"
        raise Refused(message) from None
    return ",".join(stated)
