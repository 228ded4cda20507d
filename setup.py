"""Package metadata. Tools (ruff, mypy, pytest, towncrier) are configured in pyproject.toml."""

from pathlib import Path

from setuptools import find_namespace_packages, setup

HERE = Path(__file__).parent

setup(
    name="mp4stream",
    version="0.1.0.dev0",
    description="Video server: seekable MP4 and FLV clips, HLS, DASH, Smooth Streaming and HDS from one Twisted daemon",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    python_requires=">=3.11",
    # twisted/ and twisted/plugins/ have no __init__.py: with one the real Twisted would be shadowed.
    packages=[*find_namespace_packages(include=["hls_mp4", "hls_mp4.*"]), "twisted.plugins"],
    # Players are there when `make players` has fetched them; that of the tests alone is left out.
    package_data={"hls_mp4": ["py.typed", "web/pages/players/hls-*", "web/pages/players/dash-*"]},
    include_package_data=True,
    zip_safe=False,
    install_requires=[
        "Twisted[tls,http2] >= 24.11",
        "zope.interface >= 6.0",
        "construct >= 2.10.70, < 2.11",
        "crossplane >= 0.5.8, < 0.6",
        "numpy >= 1.26",
        "babel >= 2.14",
        "treq >= 24.9",
        # AES of segments; Twisted[tls] has it too.
        "cryptography >= 43",
        # Passwords of auth_basic: libpass is passlib, which its author gave up, taken further.
        "bcrypt >= 4.1",
        "libpass >= 1.9.3",
    ],
    extras_require={
        # "av" (PyAV) carries its own FFmpeg: the sample film and the judges of the tests need no system package.
        "sample": ["av >= 14"],
        "test": [
            *("av >= 14", "pytest >= 8", "pytest-twisted >= 1.14", "pytest-xdist >= 3.6", "hypothesis >= 6.100"),
            *("m3u8 >= 6", "mpegdash >= 0.4"),  # strict readers of what packagers write
            "setuptools >= 70.1",  # one test installs the package; from here on without "wheel"
        ],
        "lint": ["ruff == 0.17.5", "mypy == 2.4.1", "mypy-zope == 1.0.17", "towncrier >= 24.8"],
        "bench": ["av >= 14", "matplotlib >= 3.8"],
    },
    entry_points={"console_scripts": ["mp4stream = hls_mp4.tools.main:main", "mp4frag = hls_mp4.tools.mp4frag:main"]},
    classifiers=[
        "Framework :: Twisted",
        "License :: OSI Approved :: MIT License",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3",
        "Topic :: Multimedia :: Video",
    ],
)
