"""The web interface where it is built in, an honest page where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.server import OpenServer


async def test_without_an_interface_a_page_says_how_to_use_admint(open_server: OpenServer, tmp_path: Path) -> None:
    async with open_server(web=tmp_path / "not built") as server:
        response = await server.http().get("/")
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/html")
        assert server.url in response.text
        assert "admint generate" in response.text
        assert "/api/v2/generate" in response.text
        assert "<script" not in response.text
        assert "style=" not in response.text
        assert (await server.http().head("/")).status_code == 200


async def test_the_interface_is_served_and_finds_its_own_routes(open_server: OpenServer, tmp_path: Path) -> None:
    web = tmp_path / "web"
    (web / "assets").mkdir(parents=True)
    (web / "index.html").write_text("<title>the app</title>")
    (web / "assets" / "app-1.js").write_text("start()")
    (tmp_path / "secret.txt").write_text("not yours")
    (web / "link.txt").symlink_to(tmp_path / "secret.txt")
    async with open_server(web=web) as served:
        client = served.http()
        for path in ("/", "/generations/1", "/settings", "/%00", "/..%2f..%2fx"):
            response = await client.get(path)
            assert (response.status_code, response.text) == (200, "<title>the app</title>"), path
            assert response.headers["cache-control"] == "no-cache"
        script = await client.get("/assets/app-1.js")
        assert (script.text, "immutable" in script.headers["cache-control"]) == ("start()", True)
        assert "javascript" in script.headers["content-type"]
        for path in ("/assets/gone.js", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/link.txt", "/api/nothing", "/ws/x"):
            assert (await client.get(path)).status_code == 404, path
        assert (await client.post("/settings")).status_code == 404


SCRIPT = "start(); " * 400
FILM = bytes(range(256)) * 40


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A folder as the build leaves it."""
    folder = tmp_path / "web"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>the app</title>" + "<p>hello</p>" * 100)
    (folder / "manifest.json").write_text('{"src/main.tsx": {"file": "assets/app-1.js"}}')
    (folder / "mark.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "licences.txt").write_text("MIT " * 300)
    (folder / "sample.mp4").write_bytes(FILM)
    (folder / "sample.vtt").write_text("WEBVTT")
    (folder / "assets/app-1.js").write_text(SCRIPT)
    (folder / "assets/app-1.css").write_text("a{color:red}" * 100)
    (folder / "assets/inter-1.woff2").write_bytes(FILM)
    (folder / "notes.xyz").write_text("what is this")
    return folder


async def test_every_file_says_what_it_is_and_text_goes_out_compressed(open_server: OpenServer, web: Path) -> None:
    expected = {
        "/": ("text/html; charset=utf-8", True),
        "/generations/1": ("text/html; charset=utf-8", True),
        "/mark.svg": ("image/svg+xml", False),
        "/licences.txt": ("text/plain; charset=utf-8", True),
        "/sample.mp4": ("video/mp4", False),
        "/sample.vtt": ("text/vtt; charset=utf-8", False),
        "/assets/app-1.js": ("text/javascript; charset=utf-8", True),
        "/assets/app-1.css": ("text/css; charset=utf-8", True),
        "/assets/inter-1.woff2": ("font/woff2", False),
        "/notes.xyz": ("application/octet-stream", False),
    }
    async with open_server(web=web) as served:
        plain = served.http(headers={"Accept-Encoding": "identity"})
        packed = served.http(headers={"Accept-Encoding": "gzip, br"})
        for path, (kind, compressed) in expected.items():
            one, other = await plain.get(path), await packed.get(path)
            assert (one.status_code, one.headers["content-type"]) == (200, kind), path
            assert one.headers["x-content-type-options"] == "nosniff"
            assert "content-encoding" not in one.headers
            assert (other.headers.get("content-encoding") == "gzip") is compressed, path
            assert one.content == other.content, path
            if compressed:
                assert other.headers["vary"] == "Accept-Encoding"
                assert other.num_bytes_downloaded < len(one.content)
            assert (await packed.head(path)).status_code == 200
        for path in ("/manifest.json", "/assets/gone", "/assets/"):
            assert (await plain.get(path)).status_code == 404, path


async def test_answers_of_the_api_are_left_as_they_are(open_server: OpenServer, web: Path) -> None:
    async with open_server(web=web) as served:
        client = await served.local()
        response = await client.get("/api/studio", headers={"Accept-Encoding": "gzip"})
        assert "content-encoding" not in response.headers
        assert len(response.content) > 1000


async def test_a_film_is_sent_in_parts(open_server: OpenServer, web: Path) -> None:
    async with open_server(web=web) as served:
        client = served.http(headers={"Accept-Encoding": "gzip"})
        part = await client.get("/sample.mp4", headers={"Range": "bytes=100-299"})
        assert (part.status_code, part.headers["content-range"]) == (206, f"bytes 100-299/{len(FILM)}")
        assert part.content == FILM[100:300]
        last = await client.get("/sample.mp4", headers={"Range": "bytes=-10"})
        assert (last.status_code, last.content) == (206, FILM[-10:])
        assert (await client.get("/sample.mp4", headers={"Range": "bytes=99999-"})).status_code == 416


async def test_what_a_browser_has_is_not_sent_again(open_server: OpenServer, web: Path) -> None:
    async with open_server(web=web) as served:
        client = served.http(headers={"Accept-Encoding": "gzip"})
        for path in ("/", "/sample.mp4", "/assets/app-1.js"):
            tag = (await client.get(path)).headers["etag"]
            for said in (tag, f"W/{tag}", f'"other", {tag}'):
                again = await client.get(path, headers={"If-None-Match": said})
                assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), path
            assert (await client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200
        (web / "index.html").write_text("<title>the next build</title>")
        fresh = await client.get("/", headers={"If-None-Match": (await client.get("/mark.svg")).headers["etag"]})
        assert (fresh.status_code, fresh.text) == (200, "<title>the next build</title>")
