"""What lets a film's page play streams: the menus, the picture of bitrate and buffer, and the script behind them.

Without scripts, or without a player, the page plays the file as it did. The script is named by its hash in the
Content-Security-Policy and brings the players in by itself (`strict-dynamic`), each with its digest, when a person asks
for a stream. Arguments that the page carries on go with each request of a player, where its manifest did not say so.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from hls_mp4.web.pages.addresses import joined
from hls_mp4.web.pages.players import StreamPlayer
from hls_mp4.web.pages.style import headers_with, policy_with


@dataclass(frozen=True, slots=True)
class Stream:
    """A film as a stream.

    Args:
        name: "hls" or "dash".
        url: of its manifest, relative to the page.
        player: what plays it where browsers do not by themselves; None where it was not fetched.
    """

    name: str
    url: str
    player: StreamPlayer | None = None

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name.upper()


NATIVE = {"hls": "application/vnd.apple.mpegurl"}
"""Streams that some browsers play by themselves, with their content types."""


def stream_controls(streams: Sequence[Stream], *, carried: str, file_rate: int, begin_s: str, at_once: bool) -> str:
    """Return the menus and the picture; they stay hidden until the script has found them.

    Args:
        streams: the film as streams; those without a player are left out.
        carried: arguments that are carried on, as a query.
        file_rate: bits per second of the file, 0 when a browser cannot play it.
        begin_s: where streams begin, in seconds.
        at_once: whether to begin without being asked.
    """
    offered = [
        {
            "name": stream.name,
            "url": stream.url,
            "script": joined(carried, f"player={stream.player.file}"),
            "integrity": stream.player.integrity,
        }
        for stream in streams
        if stream.player is not None
    ]
    told = json.dumps({"streams": offered, "carried": carried, "rate": file_rate, "from": begin_s, "play": at_once})
    ways = [("file", "File")] * bool(file_rate) + [(stream.name, stream.title) for stream in streams if stream.player]
    buttons = "".join(
        f'<li><button type="button" data-format="{name}" aria-pressed="false">{title}</button></li>'
        for name, title in ways
    )
    return (
        f'<div id="streams" data-told="{escape(told)}" hidden>\n'
        f'<ul class="ways" aria-label="Played as">{buttons}</ul>\n'
        '<label hidden>Quality<select id="quality"></select></label>\n'
        '<label hidden>Sound<select id="sound"></select></label>\n'
        '<figure><svg viewBox="0 0 600 60" preserveAspectRatio="none" role="img" aria-label="Bitrate and buffer">'
        '<polyline class="rate" points=""></polyline><polyline class="buffer" points=""></polyline></svg>\n'
        '<figcaption><span class="rate">Bitrate <output id="rate"></output></span> '
        '<span class="buffer">Buffer <output id="buffer"></output></span> <output id="size"></output></figcaption>'
        '</figure>\n<p class="bad" id="trouble" role="status"></p>\n</div>\n'
    )


def credits_of(streams: Sequence[Stream], carried: str) -> str:
    """Return a line on whose players these are, with links to their sources and licences."""
    said = [
        f'<a href="{player.home}" rel="noreferrer">{escape(player.title)}</a> '
        f'(<a href="{escape(joined(carried, f"player={player.licence_file}"))}">{player.terms}</a>)'
        for player in (stream.player for stream in streams)
        if player is not None
    ]
    return f"<footer>Streams are played by {' and '.join(said)}.</footer>\n" if said else ""


STREAM_SCRIPT = r"""
(() => {
  const box = document.getElementById("streams"), film = document.querySelector("video, audio");
  if (!box || !film || !window.MediaSource && !window.ManagedMediaSource) return;
  const told = JSON.parse(box.dataset.told), sources = [...film.children];
  const [quality, sound] = ["quality", "sound"].map((name) => document.getElementById(name));
  const trouble = document.getElementById("trouble");
  const whole = (url) => new URL(url, location.href).href;
  const carrying = (url) => told.carried && !new URL(url, location.href).search ? `${url}?${told.carried}` : url;
  let playing = null, parts = [], turn = 0;

  // Bits of each part that was loaded, by kind and time: what the picture shows while that part plays.
  const loaded = (kind, start, length, bytes) => {
    if (!(length > 0) || !bytes) return;
    parts = parts.filter((part) => part.kind !== kind || part.start !== start);
    parts.push({kind, start, end: start + length, rate: bytes * 8 / length});
  };

  const kinds = {
    hls(stream, start) {
      const hls = new Hls({
        enableWorker: false, startPosition: start,
        xhrSetup: (asking, url) => asking.open("GET", carrying(url), true),
      });
      hls.on(Hls.Events.ERROR, (_, error) => { if (error.fatal) failed(stream, error.details); });
      hls.on(Hls.Events.MANIFEST_PARSED, offer);
      hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, offer);
      hls.on(Hls.Events.FRAG_BUFFERED, (_, {frag, stats}) => {
        if (frag.sn !== "initSegment") loaded(frag.type, frag.start, frag.duration, stats.total);
      });
      hls.loadSource(whole(stream.url));
      hls.attachMedia(film);
      return {
        levels: () => hls.levels.map((level, id) => ({id, height: level.height, rate: level.bitrate})),
        choose: (id) => { hls.nextLevel = id === null ? -1 : Number(id); },
        sounds: () => hls.audioTracks.map((track, id) => ({id, name: track.name || track.lang})),
        hear: (id) => { hls.audioTrack = Number(id); },
        end: () => hls.destroy(),
      };
    },
    dash(stream, start) {
      const dash = dashjs.MediaPlayer().create(), events = dashjs.MediaPlayer.events;
      const kind = film.tagName === "VIDEO" ? "video" : "audio";
      dash.addRequestInterceptor((asking) => {
        asking.url = carrying(asking.url);
        return Promise.resolve(asking);
      });
      dash.updateSettings({debug: {logLevel: 0}, streaming: {buffer: {fastSwitchEnabled: true}}});
      dash.on(events.ERROR, ({error}) => failed(stream, error.message || error));
      dash.on(events.STREAM_INITIALIZED, offer);
      dash.on(events.FRAGMENT_LOADING_COMPLETED, ({request, response}) => {
        if (request.type === "MediaSegment" && response)
          loaded(request.mediaType, request.startTime, request.duration, response.byteLength);
      });
      dash.initialize(film, whole(stream.url), false, start > 0 ? start : undefined);
      const known = {};
      return {
        levels: () => dash.getRepresentationsByType(kind).map((one) => {
          known[one.id] = one;
          return {id: one.id, height: one.height, rate: one.bandwidth || one.bitrateInKbit * 1000};
        }),
        choose: (id) => {
          dash.updateSettings({streaming: {abr: {autoSwitchBitrate: {[kind]: id === null}}}});
          if (id !== null) dash.setRepresentationForTypeById(kind, id, true);
        },
        sounds: () => dash.getTracksFor("audio").map((track, id) => ({id, name: track.lang || `Sound ${id + 1}`})),
        hear: (id) => dash.setCurrentTrack(dash.getTracksFor("audio")[id]),
        end: () => dash.destroy(),
      };
    },
  };

  const rateText = (rate) => rate < 1e6 ? `${Math.round(rate / 1e3)} kbit/s` : `${(rate / 1e6).toFixed(1)} Mbit/s`;

  function fill(menu, choices, chosen) {
    menu.replaceChildren(...choices.map(([value, text]) => new Option(text, value)));
    menu.value = chosen;
    menu.parentNode.hidden = choices.length < 2;
  }

  function offer() {
    if (!playing) return;
    const levels = playing.levels().sort((one, other) => other.rate - one.rate);
    const named = levels.map((level) =>
      [String(level.id), (level.height ? `${level.height}p, ` : "") + rateText(level.rate)]);
    fill(quality, named.length > 1 ? [["", "Automatic"], ...named] : named, quality.value || (named.length > 1 ? "" :
      String(levels[0]?.id)));
    const sounds = playing.sounds();
    fill(sound, sounds.map((track) => [String(track.id), track.name]), sound.value || "0");
  }

  function failed(stream, why) {
    trouble.textContent = `${stream.name.toUpperCase()} cannot be played here: ${why}.`;
    if (told.rate) setTimeout(() => { if (box.dataset.format === stream.name) play("file"); });
  }

  const player = (stream) => new Promise((ready, gone) => {
    if (stream.name === "hls" ? window.Hls : window.dashjs) return ready();
    const script = document.createElement("script");
    Object.assign(script, {src: stream.script, integrity: stream.integrity, onload: ready, onerror: gone});
    document.head.append(script);
  });

  async function play(name) {
    const at = film.currentTime || Number(told.from), running = !film.paused && film.readyState > 0 || told.play;
    const mine = ++turn, stream = told.streams.find((one) => one.name === name);
    if (playing) playing.end();
    playing = null;
    parts = [];
    told.play = false;
    box.dataset.format = name;
    for (const button of box.querySelectorAll("[data-format]"))
      button.setAttribute("aria-pressed", String(button.dataset.format === name));
    for (const menu of [quality, sound]) fill(menu, [], "");
    film.removeAttribute("src");
    if (stream) {
      trouble.textContent = "";
      film.replaceChildren();
      film.load();
      try {
        await player(stream);
      } catch {
        return failed(stream, "its player did not load");
      }
      if (mine !== turn) return;
      playing = kinds[name](stream, at || -1);
      offer();
    } else {
      film.replaceChildren(...sources);
      film.load();
      if (at) film.addEventListener("loadedmetadata", () => { film.currentTime = at; }, {once: true});
    }
    if (running) film.play().catch(() => {});
  }

  function ahead() {
    const {buffered, currentTime: at} = film;
    for (let i = 0; i < buffered.length; i++)
      if (buffered.start(i) <= at + 0.1 && at < buffered.end(i)) return buffered.end(i) - at;
    return 0;
  }

  const history = [];
  function draw() {
    const at = film.currentTime, now = parts.filter((part) => part.start <= at && at < part.end);
    const rate = playing ? now.reduce((sum, part) => sum + part.rate, 0) : told.rate;
    const buffer = ahead();
    history.push({rate, buffer});
    if (history.length > 240) history.shift();
    for (const name of ["rate", "buffer"]) {
      const most = Math.max(...history.map((one) => one[name])) || 1;
      const points = history.map((one, i) => `${i * 600 / 239},${(58 - 56 * one[name] / most).toFixed(1)}`);
      box.querySelector(`polyline.${name}`).setAttribute("points", points.join(" "));
    }
    document.getElementById("rate").value = rate ? rateText(rate) : "";
    document.getElementById("buffer").value = `${buffer.toFixed(1)} s`;
    document.getElementById("size").value = film.videoWidth ? `${film.videoWidth}\u00d7${film.videoHeight}` : "";
  }

  quality.addEventListener("change", () => playing && playing.choose(quality.value || null));
  sound.addEventListener("change", () => playing && playing.hear(sound.value));
  box.addEventListener("click", (click) => {
    const name = click.target.dataset.format;
    if (name && click.target !== box) play(name);
  });
  box.hidden = false;
  if (told.rate) {
    box.dataset.format = "file";
    box.querySelector("[data-format=file]").setAttribute("aria-pressed", "true");
  } else if (told.streams.length) {
    play(told.streams[0].name);
  }
  setInterval(draw, 500);
})();
"""
"""Chooses what plays the film, and draws. It knows hls.js and dash.js by the few calls that are named here."""

HEADERS = headers_with(policy_with(STREAM_SCRIPT))
"""Headers of a page that plays streams."""
