"""Reads every row again from its file and says whether its members agree with each other.

Written apart from `generate`: nothing is imported from there, and where the generator builds, this takes apart. What the
two have in common is the texts of the RFCs, Python, and the ciphers and hashes of OpenSSL.
"""
