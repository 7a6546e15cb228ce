"""Published ONNX files are fetched once, whole or not at all; the server is on this machine."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from mmalign.errors import InputError
from mmalign.extraction.backends import published_onnx as published
from mmalign.extraction.backends.onnx_session import find_onnx
from mmalign.extraction.backends.published_onnx import SIZES, published_onnx

rtmlib = pytest.importorskip("rtmlib", reason="the extra `pose` is not installed")
NETWORK = b"an ONNX file" * 1000


def archive(name: str = "20230831/rtmpose_onnx/end2end.onnx", content: bytes = NETWORK) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("20230831/rtmpose_onnx/detail.json", "{}")
        file.writestr(name, content)
    return made.getvalue()


class Server(ThreadingHTTPServer):
    """Files by path, and what was asked for."""

    files: dict[str, bytes]
    asked: list[str]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.server.asked.append(self.path)
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        # A file whose name says so breaks off in its middle.
        self.wfile.write(content[: len(content) // 2] if "cut" in self.path else content)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    made.files, made.asked = {}, []
    Thread(target=made.serve_forever, daemon=True).start()
    monkeypatch.setenv("MMALIGN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    name(monkeypatch, made, "rtmpose-x.zip")
    yield made
    made.shutdown()
    made.server_close()


def name(monkeypatch: pytest.MonkeyPatch, server: Server, *files: str) -> None:
    """Let rtmlib know the server's file as that of ``balanced``, and a second as its mirror."""
    address = f"http://127.0.0.1:{server.server_port}/"
    places = {"pose": address + files[0], "det": address + "det.zip"}
    monkeypatch.setitem(rtmlib.Body.MODE, "balanced", places)
    mirror = {address + files[0]: address + files[1]} if files[1:] else {}
    monkeypatch.setattr("rtmlib.tools.file.get_mirror_url", mirror.get, raising=False)


def test_fetched_once(server: Server, tmp_path: Path, capsys) -> None:
    server.files["/rtmpose-x.zip"] = archive()
    for _ in range(2):
        path = find_onnx("pose", "balanced")
        assert path == tmp_path / "cache" / "models" / "rtmpose-x.onnx"
        assert path.read_bytes() == NETWORK
    assert server.asked == ["/rtmpose-x.zip"]
    assert capsys.readouterr().err == "fetching rtmpose-x (once)\n"
    assert [p.name for p in path.parent.iterdir()] == ["rtmpose-x.onnx"]


def test_what_rtmlib_has_fetched_itself_is_taken(server: Server, tmp_path: Path) -> None:
    there = tmp_path / "torch" / "hub" / "checkpoints" / "rtmpose-x.onnx"
    there.parent.mkdir(parents=True)
    there.write_bytes(NETWORK)
    assert published_onnx("pose", "balanced") == there and not server.asked


def test_a_mirror_serves_where_the_address_does_not(server: Server, monkeypatch) -> None:
    name(monkeypatch, server, "gone.zip", "mirror.zip")
    server.files["/mirror.zip"] = archive()
    assert published_onnx("pose", "balanced").read_bytes() == NETWORK
    assert server.asked == ["/gone.zip", "/mirror.zip"]


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("gone.zip", None, "404"),
        ("cut.zip", archive(), "not a zip file"),
        ("other.zip", archive("readme.txt"), "no ONNX file in it"),
        ("page.zip", b"<html>log in</html>", "not a zip file"),
        ("large.zip", archive(content=b"x" * 3_000_000), "more than"),
    ],
)
def test_nothing_half_fetched_is_kept(
    server: Server, monkeypatch, tmp_path: Path, file: str, content: bytes | None, reason: str
) -> None:
    name(monkeypatch, server, file)
    monkeypatch.setattr(published, "_MOST_BYTES", 1_500_000)
    if content is not None:
        server.files[f"/{file}"] = content
    with pytest.raises(InputError, match=rf"balanced: cannot be downloaded .*{reason}") as caught:
        published_onnx("pose", "balanced")
    assert "\n" not in str(caught.value) and "name an ONNX file instead" in str(caught.value)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_without_a_network(server: Server) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(InputError, match=r"--detector balanced: cannot be .*refused"):
        published_onnx("det", "balanced")


def test_sizes_are_rtmlibs() -> None:
    assert {*SIZES} == {*rtmlib.Body.MODE}
