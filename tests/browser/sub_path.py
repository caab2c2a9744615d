"""The app below a path that a proxy strips, as docs/deploy.md has it: `python -m tests.browser.sub_path`.

A small proxy shows a real server below /lab/. Each page is opened by its own address, charts are drawn, a page link is
followed, a file is uploaded, and nothing is asked for outside of /lab/. Ends with an error where something is missing.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, expect

from bench.pages.browser import chromium, new_page, served, wait_until_idle

PREFIX = "/lab"
# Opened by a page's address, Streamlit looks for the server's root there first; and leaving a page ends what it waits for.
USUAL = ("/_stcore/health", "/_stcore/host-config", "ERR_ABORTED")


def main() -> None:
    expect.set_options(timeout=60_000)  # a busy machine takes its time
    with chromium() as browser, served() as app, proxy(app.port) as port, new_page(browser) as page:
        problems: list[str] = []
        page.on(
            "response",
            lambda answer: problems.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None,
        )
        page.on("requestfailed", lambda request: problems.append(f"{request.failure} {request.url}"))
        root = f"http://127.0.0.1:{port}{PREFIX}/"
        open_all(page, root)
        upload(page, root)
        print("problems:", *(problems or ["none"]), sep="\n  ")
        assert not [problem for problem in problems if not any(usual in problem for usual in USUAL)]


def open_all(page: Page, root: str) -> None:
    page.goto(root)
    wait_until_idle(page)
    expect(page.locator(".live-chart .main-svg").first).to_be_visible()
    print("charts are drawn")
    for name in ("classify", "layers", "anatomy", "experiments"):
        page.goto(f"{root}{name}")
        wait_until_idle(page)
        expect(page.locator("h1")).to_be_visible()
        assert page.url.startswith(f"{root}{name}"), page.url
        print(f"{name} opens by its address")
    page.locator(".st-key-nav a").first.click()
    expect(page.locator(".live-chart .main-svg").first).to_be_visible()
    assert page.url.startswith(root), page.url
    print("a link leads within the path")


def upload(page: Page, root: str) -> None:
    page.goto(f"{root}classify")
    wait_until_idle(page)
    page.locator(".st-key-upload input[type=file]").set_input_files(a_picture())
    page.wait_for_timeout(3000)
    wait_until_idle(page)
    assert page.locator(".st-key-classify-problems [role=alert]").count() == 0
    print("a file is uploaded")


def a_picture() -> dict[str, object]:
    """A small picture."""
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    picture = Image.new("L", (60, 60), 255)
    picture.paste(0, (20, 5, 40, 55))
    picture.save(file, "PNG")
    return {"name": "item.png", "mimeType": "image/png", "buffer": file.getvalue()}


@contextmanager
def proxy(target: int) -> Iterator[int]:
    """A port that shows the server of another one below PREFIX, and knows nothing else."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        await asyncio.start_server(lambda reader, writer: _pass_on(reader, writer, target), "127.0.0.1", port)

    threading.Thread(target=loop.run_forever, daemon=True).start()  # playwright has a loop of its own in this one
    asyncio.run_coroutine_threadsafe(serve(), loop).result()
    yield port
    loop.call_soon_threadsafe(loop.stop)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: int) -> None:
    """One request a connection, or a WebSocket for as long as it lasts."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        request, *headers = head.removesuffix("\r\n\r\n").split("\r\n")
        method, path, version = request.split(" ")
        if path != PREFIX and not path.startswith(f"{PREFIX}/"):
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        if not any(header.lower().startswith("upgrade:") for header in headers):
            headers = [header for header in headers if not header.lower().startswith("connection:")] + [
                "Connection: close"
            ]
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", target)
        stripped = "\r\n".join([f"{method} {path.removeprefix(PREFIX) or '/'} {version}", *headers]) + "\r\n\r\n"
        server_writer.write(stripped.encode("latin-1"))
        await asyncio.gather(_copy(reader, server_writer), _copy(server_reader, writer))
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    except OSError:
        pass
    finally:
        target.close()


if __name__ == "__main__":
    main()
