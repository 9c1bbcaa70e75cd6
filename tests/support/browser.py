"""A headless Chromium for tests of pages, driven over its debugging pipe.

    browser = Browser("page.html", width=1280)
    browser.evaluate("document.title")
    browser.screenshot("page.png")

What must not happen is kept: `errors` of scripts and the console, `requests` for anything but the
page itself, `dialogs` that a script opened.
"""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PATIENCE = 300  # seconds for an answer: machines may be busy


def find():
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if shutil.which(name):
            return shutil.which(name)
    return None


class Browser:
    def __init__(self, page, width=1280, height=900):
        self.home = tempfile.mkdtemp(prefix="pgoshim-browser.")
        read_ours, write_theirs = os.pipe()
        read_theirs, write_ours = os.pipe()
        # The pipe is file descriptors 3 and 4 of the browser.
        self.process = subprocess.Popen(
            ["sh", "-c", f'exec "$@" 3<&{read_theirs} 4>&{write_theirs}', "sh", find(),
             "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", f"--user-data-dir={self.home}", "--remote-debugging-pipe",
             "about:blank"],
            pass_fds=(read_theirs, write_theirs), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(read_theirs)
        os.close(write_theirs)
        self.read, self.write, self.rest, self.number = read_ours, write_ours, b"", 0
        self.session = None
        self.errors, self.requests, self.dialogs, self.events = [], [], [], []
        self.url = "file://" + os.path.realpath(page)
        target = next(t for t in self.call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"],
                                 flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.size(width, height)
        self.call("Page.navigate", url=self.url)
        end = time.monotonic() + PATIENCE
        while "Page.loadEventFired" not in self.events and time.monotonic() < end:
            self.take(1)
        assert "Page.loadEventFired" in self.events, "the page was not loaded"

    def take(self, seconds):
        """Takes what the browser says; returns answers."""
        if select.select([self.read], [], [], seconds)[0]:
            got = os.read(self.read, 1 << 20)
            assert got, "the browser has ended"
            self.rest += got
        answers = []
        while b"\0" in self.rest:
            message, self.rest = self.rest.split(b"\0", 1)
            message = json.loads(message)
            if "id" in message:
                answers.append(message)
            else:
                self.event(message["method"], message.get("params", {}))
        return answers

    def event(self, method, params):
        self.events.append(method)
        if method == "Runtime.exceptionThrown":
            self.errors.append(params["exceptionDetails"])
        elif method == "Runtime.consoleAPICalled":
            self.errors.append(params["args"])
        elif method == "Log.entryAdded":
            self.errors.append(params["entry"])
        elif method == "Network.requestWillBeSent" and params["request"]["url"] != self.url:
            self.requests.append(params["request"]["url"])
        elif method == "Page.javascriptDialogOpening":
            self.dialogs.append(params["message"])

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for answer in self.take(1):
                if answer["id"] == self.number:
                    assert "error" not in answer, (method, answer["error"])
                    return answer["result"]
        raise AssertionError(f"no answer to {method}")

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, (expression, result)
        return result["result"].get("value")

    def click(self, selector):
        """The mouse, in the middle of the first element that is meant."""
        self.evaluate(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")
        box = json.loads(self.evaluate(
            f"JSON.stringify(document.querySelector({selector!r}).getBoundingClientRect())"))
        place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2,
                 "button": "left", "clickCount": 1}
        self.call("Input.dispatchMouseEvent", type="mousePressed", **place)
        self.call("Input.dispatchMouseEvent", type="mouseReleased", **place)

    def key(self, key):
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=key)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key)

    def size(self, width, height=900):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)

    def dark(self, on):
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if on else "light"}])

    def screenshot(self, path):
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.read)
        os.close(self.write)
        shutil.rmtree(self.home, ignore_errors=True)
