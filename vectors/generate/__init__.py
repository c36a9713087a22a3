"""The vectors of RFC 6618, computed from the text of the RFC alone.

This package shares no line with the Rust crates: it is the second opinion.
"""
