"""Whether a page of `pgo-analyze report --html` says what report says, and works in a browser; whether
it, or that of `pgo-bolt cycle --html`, is only text where it should be.

    page_check.py totals PAGE REPORT.JSON       the flame graphs' samples and totals are report's
    page_check.py hostile PAGE NAME...          these names are text in it, and nothing else
    page_check.py labels PAGE LABEL...          frames have these labels, in a window of 1280 points
    page_check.py browser PAGE WORD PICTURES    clicks, keys, search; pictures into that directory
"""
import collections
import html.parser
import json
import sys

sys.dont_write_bytecode = True
import browser  # noqa: E402

TAGS = set("""html head meta title style body header h1 h2 h3 nav a main p b code section div table thead
tbody tr th td svg path rect line circle text g span details summary label input button output footer script""".split())


class Page(html.parser.HTMLParser):
    """Its elements, the text of titles, and frames of flame graphs."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.attributes, self.text = collections.Counter(), collections.Counter(), []
        self.frames, self.graphs, self.frame = [], [], None
        with open(path, encoding="utf-8") as file:
            self.feed(file.read())
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags[tag] += 1
        values = dict(attributes)
        self.attributes.update(values.keys())
        if "data-total" in values:
            self.graphs.append(int(values["data-total"]))
        if tag == "g" and "data-x" in values:
            self.frame = dict(values, graph=len(self.graphs) - 1, name=None)
            self.frames.append(self.frame)

    def handle_data(self, data):
        self.text.append(data)
        if self.frame is not None and self.frame["name"] is None and data.strip():
            self.frame["name"] = data.split("\n")[0]


def totals(path, report):
    page = Page(path)
    with open(report, encoding="utf-8") as file:
        told = json.load(file)
    assert page.graphs == [told["samples"]] * 2, (page.graphs, told["samples"])
    for graph in range(2):
        frames = [f for f in page.frames if f["graph"] == graph]
        roots = [f for f in frames if f["data-d"] == "0"]
        assert [int(f["data-w"]) for f in roots] == [told["samples"]], roots
        own = collections.Counter()
        for frame in frames:
            own[frame["name"]] += int(frame["data-s"])
        assert sum(own.values()) == told["samples"], (graph, sum(own.values()), told["samples"])
        expected = collections.Counter()  # several modules may have a function of one name
        for function in told["functions"]:
            expected[function["name"]] += function["samples"]
        for name, samples in expected.items():
            assert name is None or own[name] == samples, (graph, name, samples, own)
        if graph == 0:
            check_totals(frames, told["functions"])
        # A frame is as wide as what is below it and its own samples.
        for frame in frames:
            start, end = int(frame["data-x"]), int(frame["data-x"]) + int(frame["data-w"])
            inside = sum(int(f["data-w"]) for f in frames
                         if int(f["data-d"]) == int(frame["data-d"]) + 1 and
                         start <= int(f["data-x"]) < end)
            if graph == 0:
                assert inside + int(frame["data-s"]) == int(frame["data-w"]), frame


def check_totals(frames, functions):
    """What a function had with all that it called: its frames, but for those below another of them."""
    names = collections.Counter(function["name"] for function in functions)
    for function in functions:
        name = function["name"]
        if name is None or names[name] > 1:
            continue
        total, end = 0, -1
        for frame in sorted((f for f in frames if f["name"] == name), key=lambda f: (int(f["data-x"]), int(f["data-d"]))):
            if int(frame["data-x"]) >= end:
                total += int(frame["data-w"])
                end = int(frame["data-x"]) + int(frame["data-w"])
        assert total == function["total_samples"], (name, total, function)


def hostile(path, names):
    page = Page(path)
    assert set(page.tags) <= TAGS, set(page.tags) - TAGS
    assert page.tags["script"] == (1 if page.graphs else 0), page.tags
    assert not [a for a in page.attributes if a.startswith("on") or a in ("src", "srcdoc")]
    text = "".join(page.text)
    for name in names:
        assert name in text, name


def browse(path, word, pictures):
    page = browser.Browser(path)
    try:
        check(page, word, pictures)
    finally:
        page.close()


def labels(path, *wanted):
    page = browser.Browser(path, width=1280)
    try:
        found = page.evaluate("[...document.querySelectorAll('#flame-plain .f text')].map(t => t.textContent)")
        for label in wanted:
            assert label in found, (label, found)
    finally:
        page.close()


def check(page, word, pictures):
    shown = "[...document.querySelectorAll('#flame-plain .f')].filter(f => f.style.display !== 'none')"
    whole = page.evaluate(f"{shown}.length")
    assert whole > 2, whole
    # Nothing but the code is wider than the window.
    for width in (1280, 480):
        page.size(width)
        page.dark(False)
        page.screenshot(f"{pictures}/{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
        cut = page.evaluate("[...document.querySelectorAll('.scroll')].filter(box => box.querySelector('table') && "
                            "box.scrollWidth > box.clientWidth + 1).length")
        assert cut == 0, (width, cut)
        graph = page.evaluate("document.querySelector('#flame-plain svg').getBoundingClientRect().width")
        assert 280 < graph <= width, (width, graph)
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.dark(True)
    page.screenshot(f"{pictures}/dark.png")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    page.dark(False)
    page.size(1280)

    # Search marks frames and adds up samples.
    page.click("#search")
    page.call("Input.insertText", text=word)
    assert page.evaluate("document.querySelectorAll('#flame-plain .hit').length") > 0
    assert "% of samples" in page.evaluate("document.getElementById('found').textContent")
    page.click("#reset")
    assert page.evaluate("document.querySelectorAll('.hit').length") == 0

    # A click zooms: the frame is as wide as the graph; Escape shows all.
    last = page.evaluate(f"{shown}.map(f => [+f.dataset.d, +f.dataset.w, [...f.parentNode.children].indexOf(f)])"
                         ".sort((a, b) => b[0] - a[0] || b[1] - a[1])[0][2]") + 1
    frame = f"#flame-plain .f:nth-child({last})"
    page.click(f"{frame} rect")
    widths = page.evaluate(f"[document.querySelector('{frame} rect').getAttribute('width'), "
                           "document.querySelector('#flame-plain svg').getAttribute('width')].map(Number)")
    assert abs(widths[0] - widths[1]) < 1, widths
    assert ": " in page.evaluate("document.getElementById('status').textContent")
    page.evaluate("document.querySelector('#flame-plain svg').focus()")
    page.key("Escape")
    assert page.evaluate(f"{shown}.length") == whole
    # Keys move among the frames, and Enter zooms.
    page.key("ArrowDown")
    assert page.evaluate("document.querySelector('#flame-plain .f.at').dataset.d") == "1"
    page.key("Enter")
    page.key("ArrowUp")
    page.key("Escape")

    page.click("#invert")
    assert page.evaluate("document.getElementById('flame-plain').hidden")
    assert not page.evaluate("document.getElementById('flame-inverted').hidden")
    assert page.evaluate("document.querySelectorAll('#flame-inverted .f').length") > 1
    page.screenshot(f"{pictures}/inverted.png")
    # What can be reached by the keyboard has a name.
    unnamed = page.evaluate("""[...document.querySelectorAll('button, input, svg[role=img], [tabindex]')]
        .filter(e => !(e.textContent.trim() || e.ariaLabel || (e.labels && e.labels.length))).length""")
    assert unnamed == 0, unnamed
    assert not page.errors, page.errors
    assert not page.requests, page.requests
    assert not page.dialogs, page.dialogs


if sys.argv[1] == "totals":
    totals(*sys.argv[2:])
elif sys.argv[1] == "labels":
    labels(*sys.argv[2:])
elif sys.argv[1] == "hostile":
    hostile(sys.argv[2], sys.argv[3:])
else:
    browse(*sys.argv[2:])
