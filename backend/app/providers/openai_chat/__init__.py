"""What the adapters of an OpenAI-compatible endpoint share: the client, the prices, one call, and its errors.

Tests: tests/test_providers/test_openai_chat/
"""
