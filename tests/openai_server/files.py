"""/v1/models, /v1/files, and /state: what the server has seen."""

from collections import Counter
from typing import ClassVar

from tests.openai_server.messages import Json, Request, Response, WireError, found_in, json_lines, page_of
from tests.openai_server.state import Route, State
from tests.openai_server.stored import NOW


class Files(State):
    """The known models, files, and what the server has seen."""

    ROUTES: ClassVar[list[Route]] = [
        ("GET", "/v1/models", "_get_models"),
        ("GET", "/v1/models/(.+)", "_get_model"),
        ("POST", "/v1/files", "_post_file"),
        ("GET", "/v1/files", "_get_files"),
        ("GET", "/v1/files/([^/]+)", "_get_file"),
        ("GET", "/v1/files/([^/]+)/content", "_get_content"),
        ("DELETE", "/v1/files/([^/]+)", "_delete_file"),
        ("GET", "/state", "_get_state"),
    ]

    def _get_models(self, _request: Request) -> Response:
        names = [name for name, model in self.models.items() if not model.retired]
        return Response({"object": "list", "data": [_model_json(name) for name in names]})

    def _get_model(self, _request: Request, name: str) -> Response:
        self._model(name)
        return Response(_model_json(name))

    def _get_state(self, _request: Request) -> Response:
        faults = Counter(request.fault for request in self.requests if request.fault)
        return Response({"requests": len(self.requests), "paid": self.paid, "faults": faults, "in_flight_peak": self.in_flight_peak})

    def _post_file(self, request: Request) -> Response:
        purpose, upload = request.body.get("purpose"), request.body.get("file")
        if purpose not in {"fine-tune", "batch"} or not isinstance(upload, tuple):
            raise WireError(400, f"'{purpose}' is not one of ['fine-tune', 'batch'], or the file is missing.", param="purpose")
        json_lines(upload[1], "file")
        return Response(self._stored.file(upload[1], upload[0], purpose))

    def _get_files(self, request: Request) -> Response:
        return Response(page_of([file for file, _ in self._stored.files.values()], request.query))

    def _get_file(self, _request: Request, file_id: str) -> Response:
        return Response(found_in(self._stored.files, file_id, "File")[0])

    def _get_content(self, _request: Request, file_id: str) -> Response:
        content: bytes = found_in(self._stored.files, file_id, "File")[1]
        return Response(content, headers={"content-type": "application/octet-stream"})

    def _delete_file(self, _request: Request, file_id: str) -> Response:
        found_in(self._stored.files, file_id, "File")
        del self._stored.files[file_id]
        return Response({"id": file_id, "object": "file", "deleted": True})


def _model_json(name: str) -> Json:
    return {"id": name, "object": "model", "created": NOW, "owned_by": "loopback"}
