"""Test participants: people without a browser, in their own process.

They know a join link and docs/protocol.md, nothing else of the server. Their picture and sound
are encoded once at the start and then sent in a loop, each payload made unique, and every packet
sent and received goes into a report by its hash, so that a test can say exactly what was lost,
doubled, changed, or heard by somebody who had no right to it.
"""
