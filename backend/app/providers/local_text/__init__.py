"""The rule-based copywriter: writes and judges ads without a model or a key.

Tests: tests/test_providers/test_local_text/
"""
