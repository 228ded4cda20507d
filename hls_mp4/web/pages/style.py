"""What pages look like: one style sheet, the pictures, and the Content-Security-Policy that lets just these in.

The pages need nothing but themselves, follow the reader's light or dark scheme, and fit a telephone.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

STYLE = """
:root {
  --page: #f6f7f9; --card: #fff; --ink: #1b1f24; --quiet: #5b6470; --line: #e3e6ea; --link: #0a58ca; --tint: #eef4ff;
  --bad: #b3261e; --good: #1d7a46;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121417; --card: #1a1d21; --ink: #e8eaed; --quiet: #9aa3ae; --line: #2b3036; --link: #8ab8ff;
    --tint: #222b3a; --bad: #ff9d94; --good: #7ad6a0;
  }
}
* { box-sizing: border-box }
body {
  margin: 0 auto; padding: 2rem 1rem 3rem; max-width: 62rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
a { color: var(--link); text-decoration: none }
a:hover { text-decoration: underline }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: .25rem }
bdi { overflow-wrap: anywhere; white-space: pre-wrap }
nav ol, main ul, main ol { display: flex; flex-wrap: wrap; margin: 0; padding: 0; list-style: none }
nav li + li::before { content: "/"; padding: 0 .5rem; color: var(--quiet) }
h1 { margin: .25rem 0 0; font-size: 1.6rem; line-height: 1.25; font-weight: 650 }
h2 { margin: 0 0 .75rem; font-size: 1.05rem; font-weight: 650 }
.quiet { margin: .25rem 0 1.25rem; color: var(--quiet) }
.shapes { position: absolute; width: 0; height: 0 }
svg {
  width: 1.25rem; height: 1.25rem; color: var(--quiet); fill: none;
  stroke: currentColor; stroke-width: 1.5; stroke-linejoin: round; stroke-linecap: round;
}
code {
  padding: .1rem .3rem; border-radius: .25rem; background: var(--tint); color: var(--ink); overflow-wrap: anywhere;
}
[hidden] { display: none !important }
time, .number { font-variant-numeric: tabular-nums }
.card, .rows { background: var(--card); border: 1px solid var(--line); border-radius: .75rem }
.card { margin: 1.25rem 0 0; padding: 1rem 1.25rem 1.25rem }
.card > :last-child { margin-bottom: 0 }
.chip, button {
  display: inline-block; padding: .3rem .8rem; border: 1px solid var(--line); border-radius: 1.25rem;
  background: var(--page); font: inherit; font-size: .875rem; line-height: 1.4; color: var(--link);
}
button { cursor: pointer }
button.main { border-color: var(--link) }
button:hover, .chip:hover { background: var(--tint); text-decoration: none }
main .rows { display: block; overflow: hidden }
.rows > li {
  display: grid; grid-template-columns: 1.25rem minmax(0, 1fr) auto 9rem; gap: 0 .85rem; align-items: start;
  padding: .6rem 1rem;
}
.rows > li + li { border-top: 1px solid var(--line) }
.rows > li:hover { background: var(--tint) }
.rows > li > svg { margin-top: .15rem }
.name { font-weight: 550 }
.facts { margin: .1rem 0 0; color: var(--quiet); font-size: .875rem }
.facts > span + span::before { content: " · " }
.bad { color: var(--bad) }
main .ways { gap: .4rem; margin: .5rem 0 .15rem }
.rows .ways { grid-column: 2 / -1 }
.size, .rows time {
  color: var(--quiet); font-size: .875rem; line-height: 1.5rem; text-align: right; white-space: nowrap;
}
footer, .pages { margin-top: 1.25rem; color: var(--quiet); font-size: .875rem }
.pages { display: flex; gap: 1rem; align-items: center; justify-content: center }
video, audio { display: block; width: 100%; border-radius: .75rem }
video { height: auto; max-height: 75vh; background: #000 }
main .marks { gap: .5rem }
.marks.titled { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .1rem 1.5rem }
.titled a { display: flex; gap: .75rem; padding: .25rem 0; align-items: baseline }
.titled .number { color: var(--quiet); font-size: .875rem; min-width: 3.5em; text-align: right }
form { display: flex; flex-wrap: wrap; gap: .75rem 1rem; align-items: end }
label { display: grid; gap: .2rem; font-size: .875rem; color: var(--quiet) }
input {
  width: 8rem; padding: .35rem .6rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--page);
  color: var(--ink); font: inherit; font-variant-numeric: tabular-nums;
}
.ways + form, form + p { margin-top: 1rem }
table { width: 100%; border-collapse: collapse; font-size: .875rem }
th, td { padding: .35rem 1rem .35rem 0; text-align: left; vertical-align: top }
tbody th { font-weight: 550 }
thead th { color: var(--quiet); font-weight: 500; border-bottom: 1px solid var(--line) }
#streams { margin: .75rem 0 1rem; display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center }
#streams label { display: flex; gap: .5rem; align-items: center }
#streams figure { flex-basis: 100%; margin: 0 }
#streams figure svg { display: block; width: 100%; height: 3.75rem; border-bottom: 1px solid var(--line) }
#streams polyline { vector-effect: non-scaling-stroke }
#streams figcaption { display: flex; gap: 0 1.25rem; font-size: .875rem; color: var(--quiet); min-height: 1.4rem }
#streams output { font-variant-numeric: tabular-nums }
#streams p { flex-basis: 100%; margin: 0 }
.rate { color: var(--link); stroke: var(--link) }
.buffer { color: var(--good); stroke: var(--good) }
button[aria-pressed=true] { border-color: var(--link); background: var(--tint) }
select {
  padding: .3rem .5rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--page);
  color: var(--ink); font: inherit;
}
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.25rem; margin: 0 0 1rem; font-size: .875rem }
dt { color: var(--quiet) }
dd { margin: 0 }
@media (max-width: 44rem) {
  body { padding-top: 1.25rem }
  .rows > li { grid-template-columns: 1.25rem auto minmax(0, 1fr) }
  .what { grid-column: 2 / -1 }
  .rows .size { grid-column: 2 }
  .rows time { grid-column: 3; text-align: left }
  .rows .size:empty { display: none }
  .rows .size:empty + time { grid-column: 2 / -1 }
  .chip, button { padding: .4rem .9rem }
  thead { display: none }
  tbody tr { display: flex; flex-wrap: wrap; gap: 0 .9rem; padding: .35rem 0 }
  tbody th, tbody td { padding: 0 }
  tbody th { flex-basis: 100% }
}
"""

SHAPES = """<svg class="shapes" aria-hidden="true">
<symbol id="up" viewBox="0 0 20 20"><path d="M10 16V5M5.5 9.5 10 5l4.5 4.5"/></symbol>
<symbol id="folder" viewBox="0 0 20 20">
<path d="M2.5 5.5v9a1 1 0 0 0 1 1h13a1 1 0 0 0 1-1v-8a1 1 0 0 0-1-1H10l-2-2H3.5a1 1 0 0 0-1 1z"/>
</symbol>
<symbol id="film" viewBox="0 0 20 20">
<rect x="2.5" y="4" width="15" height="12" rx="1.5"/><path d="m8.5 7.5 4 2.5-4 2.5z"/>
</symbol>
<symbol id="sound" viewBox="0 0 20 20">
<path d="M7.5 14.5v-10l8-1.5v10"/><circle cx="5.5" cy="14.5" r="2"/><circle cx="13.5" cy="13" r="2"/>
</symbol>
<symbol id="file" viewBox="0 0 20 20"><path d="M5 2.5h6.5L15.5 6.5v11H5zM11.5 2.5v4h4"/></symbol>
</svg>
"""

SCRIPT = """
(() => {
  const film = document.querySelector("video, audio");
  if (!film) return;
  document.addEventListener("click", (click) => {
    const link = click.target.closest("a[data-from]");
    if (!link || click.button || click.ctrlKey || click.metaKey || click.shiftKey || click.altKey) return;
    click.preventDefault();
    film.currentTime = Number(link.dataset.from);
    film.play().catch(() => {});
    history.replaceState(null, "", link.href);
  });
  for (const button of document.querySelectorAll("button[data-field]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const at = film.currentTime, whole = Math.floor(at), two = (part) => String(part).padStart(2, "0");
      const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
      const clock = hours ? `${hours}:${two(minutes)}` : `${minutes}`;
      document.getElementById(button.dataset.field).value =
        `${clock}:${two(whole % 60)}.${Math.floor((at - whole) * 10)}`;
    });
  }
})();
"""
"""Seeking without loading the page again, and buttons that write down where the film is. All else works without."""


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode('ascii')}'"


def policy_with(*scripts: str) -> str:
    """Return a Content-Security-Policy that lets in the style sheet, the script, and further ones that load players.

    A name that found its way into a page as markup could do nothing there. Players are brought in by a script that is
    trusted (`strict-dynamic`), so that no other file of the host ever is a script of a page; what they play they put
    together themselves (`blob:`) from what they ask this host for.
    """
    trusted = " ".join((_hash(SCRIPT), *map(_hash, scripts), *(["'strict-dynamic'"] if scripts else [])))
    parts = [
        "default-src 'none'",
        "img-src 'self' data:",
        "media-src 'self'" + (" blob:" if scripts else ""),
        f"style-src {_hash(STYLE)}",
        f"script-src {trusted}",
        *(["connect-src 'self'"] if scripts else []),
        "form-action 'self'",
        "base-uri 'none'",
    ]
    return "; ".join(parts)


def headers_with(policy: str) -> tuple[tuple[str, str], ...]:
    """Return the headers of a page; a token in its URL is told to no other site."""
    return (
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
    )


POLICY = policy_with()
HEADERS = headers_with(POLICY)
