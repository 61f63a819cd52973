"""Image analysis by a model that can look at pictures, behind any OpenAI-compatible endpoint.

Tests: tests/test_providers/test_openai_vision.py
"""
