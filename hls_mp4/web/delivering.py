"""What the delivery modules of a location make of a file: which of them answers, and from which index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hls_mp4.errors import StreamingError
from hls_mp4.interfaces import Asset, Delivery, Needs
from hls_mp4.sources.indexing import PROBE_BYTES, format_of, index_file
from hls_mp4.sources.local import LocalFile
from hls_mp4.web.refusal import Refusal

if TYPE_CHECKING:
    from hls_mp4.interfaces import IndexLimits
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import EnabledModule, LocationRules
    from hls_mp4.web.site import SharedParts


async def delivered(request: StreamingRequest, rules: LocationRules, file: LocalFile) -> Delivery | None:
    """Return what the first module that serves this file makes of it; None when the file itself is meant.

    Raises:
        Refusal: the module cannot make what is asked for, or the file cannot be read.
    """
    for enabled in rules.modules:
        match = enabled.module.match(request.query, enabled.settings)
        if match is None:
            continue
        try:
            delivery = await _delivered_by(enabled, match, request, file)
        except StreamingError as problem:
            raise Refusal(problem.status_hint, f'"{file.path}" {problem}') from problem
        except OSError as problem:
            raise Refusal(500, f'read() "{file.path}" failed ({problem})', level="critical") from problem
        if delivery is not None:
            if delivery.complaint:
                request.report(f'"{file.path}" {delivery.complaint}', level="warn")
            return delivery
    return None


async def _delivered_by(
    enabled: EnabledModule, match: Any, request: StreamingRequest, file: LocalFile
) -> Delivery | None:
    """Return a module's delivery from the film's index; None when it does not serve files of this kind."""
    module, settings, shared = enabled.module, enabled.settings, request.shared
    needs = module.needs(match, settings)
    limits = module.limits(settings)
    index = None if needs is Needs.NOTHING else _kept(shared, file, limits, needs)
    if not module.serves(index.format if index is not None else await _format(shared, file), match, settings):
        return None
    if index is None and needs is not Needs.NOTHING:
        index = await _indexed(shared, file, limits, needs)
    asset = Asset(index, file)
    if module.takes_long(index, match, settings):
        # Two viewers of long films must not make a third one wait: threads take turns, the reactor does not.
        made: Delivery = await file.held(module.respond, asset, match, settings, request.started)
        return made
    delivery: Delivery = module.respond(asset, match, settings, request.started)
    return delivery


async def film_index(shared: SharedParts, file: LocalFile, limits: IndexLimits, needs: Needs) -> Any:
    """Return the index of a file, the one that is kept if it tells enough.

    Raises:
        StreamingError: the file is no film, or not within the limits.
        OSError: it cannot be read.
    """
    index = _kept(shared, file, limits, needs)
    return index if index is not None else await _indexed(shared, file, limits, needs)


async def _format(shared: SharedParts, file: LocalFile) -> str | None:
    """Return the name of a file's format, None for none that we know."""
    length = min(PROBE_BYTES, file.size)
    head = file.read_now(0, length)
    if head is None:
        head = await file.held(file.read_blocking, 0, length)
    found = format_of(head, shared.formats)
    return str(found.name) if found is not None else None


def _kept(shared: SharedParts, file: LocalFile, limits: IndexLimits, needs: Needs) -> Any:
    """Return the index that is kept of a file and tells enough, or None."""
    index = shared.indexes.find(_key(file, limits, Needs.SAMPLES))
    if index is None:
        less = shared.indexes.find(_key(file, limits, Needs.KEY_FRAMES))
        if less is not None and (less.complete or needs is not Needs.SAMPLES):
            return less
    return index


async def _indexed(shared: SharedParts, file: LocalFile, limits: IndexLimits, needs: Needs) -> Any:
    """Return the index of a file, which is built once however many ask."""
    if needs is Needs.KEY_FRAMES:
        limits = limits.without_samples()
    return await shared.indexes.build(
        _key(file, limits, needs), lambda: file.held(index_file, file, shared.formats, limits)
    )


def _key(file: LocalFile, limits: IndexLimits, needs: Needs) -> tuple[int | str, ...]:
    key = (*file.key, limits.max_buffer_size)
    return key if needs is Needs.SAMPLES else (*key, needs.value)
