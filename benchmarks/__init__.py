"""Measuring what we promise: quality, speed, scale; ``benchmarks/README.md`` is the record."""
