"""`admint-fakes`: a stand-in for Replicate and OpenAI on this machine, over real HTTP, with real media and no bill.

A test tool and a free way to try the paid path. It knows nothing of AdMint and imports nothing of it: its shapes follow
the vendors' public documentation (docs/how-to/try-the-paid-path.md says which). Tests: tests/test_fakes/.
"""
