"""Forwarding RTP without decoding it."""
