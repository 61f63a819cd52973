"""The local image studio: packshots, settings and wordmarks drawn by code. Deterministic, offline."""
