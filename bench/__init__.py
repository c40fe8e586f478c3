"""Repeatable benchmarks: each prints ratios within one run, and peak memory."""
