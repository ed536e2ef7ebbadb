"""The Socket.IO door: what browsers and terminals say, checked, answered and passed on."""
