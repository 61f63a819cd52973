"""The web interface where it is built in, an honest page where it is not."""

from __future__ import annotations

from pathlib import Path

from tests.fixtures.server import OpenServer, Served


async def test_without_an_interface_a_page_says_how_to_use_admint(server: Served) -> None:
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
