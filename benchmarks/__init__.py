"""This daemon and Debian's nginx side by side, in one run, on one machine: `python -m benchmarks`.

docs/performance.md says what is measured and how. What is compared are ratios: absolute figures are those of the
machine at hand.
"""
