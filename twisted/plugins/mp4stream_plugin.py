"""What mp4stream offers to twistd and to itself: the daemon, the built-in formats, delivery modules
and packagers.

A third party's package does the same in a file of its own in twisted/plugins/: nothing here is privileged. The makers
are cheap, since every `twistd` on the machine loads this file; what they stand for is imported when it is asked for.
"""

from twisted.application.service import ServiceMaker

from hls_mp4.service.makers import DeliveryMaker, FormatMaker, PackagerMaker, PrecutMaker

mp4stream = ServiceMaker(
    "mp4stream", "hls_mp4.service.maker", "Video server: seekable films in nginx's configuration language", "mp4stream"
)

isobmff = FormatMaker("mp4", "hls_mp4.containers.isobmff.IsobmffFormat")

flash = FormatMaker("flv", "hls_mp4.containers.flv.FlvFormat")

progressive = DeliveryMaker("mp4", "hls_mp4.packagers.progressive.module.Mp4Module")

pseudo_flv = DeliveryMaker("flv", "hls_mp4.packagers.flv.module.FlvModule")

hls = PackagerMaker("hls", "hls_mp4.packagers.hls.module.HlsModule")

smooth = PackagerMaker("smooth", "hls_mp4.packagers.smooth.module.SmoothModule")

hds = PackagerMaker("hds", "hls_mp4.packagers.hds.module.HdsModule")

dash = PackagerMaker("dash", "hls_mp4.packagers.dash.module.DashModule")

openhttpstreamer = PrecutMaker("mp4frag", "hls_mp4.packagers.mp4frag.module.Mp4fragModule")

adobe = PrecutMaker("f4f", "hls_mp4.packagers.f4f.module.F4fModule")
