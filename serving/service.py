"""The HTTP service: one patient or many in, risks with their reasons out.

``bentoml serve serving.service:RiskService`` starts it on the released bundle and follows the release. The
environment variable ``CART_OUTCOMES_BUNDLE`` names a folder to serve instead.
"""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import bentoml
from pydantic import BaseModel, ConfigDict
from starlette.applications import Starlette
from starlette.responses import Response

from serving.answers.options import OptionsAnswer
from serving.answers.question import Detail, Question
from serving.answers.schema import Answer, BatchAnswer
from serving.answers.scorer import Scorer
from serving.http.answer_metrics import answer_counts, begin_answer_counts
from serving.http.audit_log import environment_audit_log
from serving.http.batch_lines import lines_response, wants_lines
from serving.http.batch_parts import whole_response
from serving.http.batches import Batches
from serving.http.budgets import ANSWER_WITHIN_SECONDS
from serving.http.connections import use_for_every_server
from serving.http.direct_answers import answer_of, arrange_layers
from serving.http.drain import DRAIN_SECONDS, drain
from serving.http.error_response import Refusal
from serving.http.event_loop import accept_one_at_a_time, use_for_every_loop
from serving.http.identity_door import begin_refusal_counts, use_own_peer_addresses
from serving.http.read_routes import documents_app, not_ready
from serving.http.readiness import readiness_route, ready_metric
from serving.http.record_metrics import begin_record_counts
from serving.http.recording import Recording, environment_recording
from serving.http.release_report import ReleaseReport, without_former_versions
from serving.http.request_checks import Gate
from serving.http.request_counts import request_counts
from serving.http.request_log import ValueFreeLogs, remember_predictions
from serving.http.served_model import ServedModel, environment_release
from serving.http.starters import Starters
from serving.http.steady_process import steady_process
from serving.http.worker_processes import (
    forget_process,
    fork_workers,
    several_workers,
    started_to_answer,
)
from serving.release.followed_release import FollowedRelease
from serving.release.following import Following

documents = cache(documents_app)
"""The application behind the paths that are read; made when the service is, not when this is imported."""


class PatientBatch(BaseModel):
    """The body of a batch."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    patients: list[Question]
    detail: Detail = "all"


class PatientOptions(BaseModel):
    """The body of a comparison; options have been checked and are read as the fields that they state."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    patient: Question
    options: list[dict[str, Any]]


class FrontedService(bentoml.Service[Any]):
    """A BentoML service whose application has `Front` around everything, BentoML's metrics included."""

    @cache  # noqa: B019 - one application a process: BentoML's counters can be made only once
    def to_asgi(self, is_main: bool = True) -> Starlette:
        """Make the application with its documents, and the connections of whatever server runs it."""
        use_for_every_server()
        use_for_every_loop()
        use_own_peer_addresses()
        self.mount_asgi_app(documents(), path="/", name="documents")
        app: Starlette = super().to_asgi(is_main=is_main)
        app.router.routes.insert(0, readiness_route(documents().state))
        arrange_layers(app, _current_scorer, lambda: documents().state.recording)
        become_worker()
        return app


def become_worker() -> None:
    """Load the model and become one of several workers, if the environment names a number of them."""
    if workers := several_workers():
        release = environment_release(service.openapi_spec.asdict())
        # This process serves nothing: its workers report. One that is forked later has the newest release.
        release.settle = steady_process
        documents().state.shared = release
        steady_process()
        accept_one_at_a_time()
        fork_workers(workers, at_end=forget_process, meanwhile=(release.look, Starters().look))


def _current_scorer() -> Scorer | None:
    """Get the scorer of the release that is served now; None while no model is loaded."""
    release: FollowedRelease[ServedModel] | None = documents().state.release
    return None if release is None else release.now.model.scorer


# One worker of BentoML's: each of them would load a model of its own. Those of `fork_workers` share one.
@bentoml.service(
    service_class=FrontedService,
    workers=1,
    traffic={"timeout": ANSWER_WITHIN_SECONDS},  # from the whole body on; numbers are limited by `Gate`
    logging={"access": {"enabled": False}},
)
class RiskService:
    """Risk of severe CRS, severe ICANS and relapse after CAR T-cell therapy in B-ALL, with reasons."""

    def __init__(self) -> None:
        shared: FollowedRelease[ServedModel] | None = documents().state.shared
        release = shared or environment_release(service.openapi_spec.asdict())
        documents().state.release = release
        self.batches = Batches()
        documents().state.recording = self.recording = environment_recording()
        self.logs = ValueFreeLogs()
        self.audit_log = environment_audit_log()
        steady_process()
        release.report, release.settle = ReleaseReport(release.now), steady_process
        for begin in (begin_answer_counts, begin_record_counts, begin_refusal_counts):
            begin()
        self.following = Following(release.look)
        if release.follows:
            self.following.start()
        self.starters = Following(Starters().look)
        # Forked workers end with the process that forked them.
        if shared is None and started_to_answer():
            self.starters.start()

    @bentoml.on_startup
    async def await_end(self) -> None:
        """Have the end of the process take two steps; the server has its handling of signals by now."""
        drain.await_signals(DRAIN_SECONDS.read())

    async def __metrics__(self, metrics: str) -> str:
        """Leave former versions out of what Prometheus reads, and add whether this process is ready."""
        return without_former_versions(metrics) + ready_metric(documents().state)

    @bentoml.api(route="/risk")
    async def risk(self, question: Question, /) -> Answer:
        """Predict risks for one patient; the body is the patient's fields, and what else is asked."""
        scorer = _current_scorer()
        if scorer is None:
            return not_ready().response()  # type: ignore[return-value]
        try:
            content = await answer_of(scorer, self.recording, question)
        except Refusal as refusal:
            return refusal.response()  # type: ignore[return-value]
        return Response(content, media_type="application/json")  # type: ignore[return-value]

    @bentoml.api(route="/risk/batch")
    async def risk_batch(self, batch: PatientBatch, /) -> BatchAnswer:
        """Predict risks for many patients, in their order; other requests need not wait."""
        scorer = _current_scorer()
        if scorer is None:
            return not_ready().response()  # type: ignore[return-value]
        rows = [patient.model_dump() for patient in batch.patients]
        try:
            entry = self.recording.entry("batch", scorer.bundle)
            if wants_lines():
                steps = self.batches.lines(scorer, rows, entry, detail=batch.detail)
                return await lines_response(steps)  # type: ignore[return-value]
            answered = await self.batches.answer(scorer, rows, entry, detail=batch.detail)
        except Refusal as refusal:
            return refusal.response()  # type: ignore[return-value]
        remember_predictions(answered.prediction_ids)
        return whole_response(answered)  # type: ignore[return-value]

    @bentoml.api(route="/risk/options")
    async def risk_options(self, compared: PatientOptions, /) -> OptionsAnswer:
        """Predict risks for one patient as entered and with each option, with paired differences."""
        scorer = _current_scorer()
        if scorer is None:
            return not_ready().response()  # type: ignore[return-value]
        try:
            entry = self.recording.entry("options", scorer.bundle)
            answered = scorer.options(compared.patient.model_dump(), compared.options)
            remember_predictions((answered.prediction_id,))
            (content,) = await entry.recorded([answered], [entry.text(answered)])
        except Refusal as refusal:
            return refusal.response()  # type: ignore[return-value]
        return Response(content, media_type="application/json")  # type: ignore[return-value]

    @bentoml.on_shutdown
    def close(self) -> None:
        """End the threads and give the log handlers back as they were."""
        self.following.stop()
        self.starters.stop()
        self.batches.close()
        answer_counts.write()
        request_counts.write()
        documents().state.release = None
        self.recording.close()
        documents().state.recording = Recording()
        self.logs.undo()
        if self.audit_log is not None:
            self.audit_log.close()


service = cast("bentoml.Service[Any]", RiskService)
service.add_asgi_middleware(Gate)
