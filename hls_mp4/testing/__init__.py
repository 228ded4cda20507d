"""For authors of formats, delivery modules and sources: what keeps a contract passes these tests.

Derive a class from a suite, say what is to be tested, and let pytest or unittest collect it:

    class TestFlv(MediaFormatContract):
        def media_format(self):
            return FlvFormat()

        def films(self):
            return [Path("a.flv").read_bytes()]

Nothing beside the server itself is needed. What is random is so with a fixed seed: a failure happens again.
"""

from hls_mp4.testing.formats import MediaFormatContract
from hls_mp4.testing.memory import MemorySource
from hls_mp4.testing.modules import DeliveryModuleContract
from hls_mp4.testing.sources import MediaSourceContract

__all__ = ["DeliveryModuleContract", "MediaFormatContract", "MediaSourceContract", "MemorySource"]
