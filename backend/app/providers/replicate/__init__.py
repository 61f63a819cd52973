"""Replicate's HTTP API: a thin client of our own, its errors, its webhooks, and what its adapters share."""
