"""The text roles by a language model behind any OpenAI-compatible endpoint.

Tests: tests/test_providers/test_openai_text/
"""
