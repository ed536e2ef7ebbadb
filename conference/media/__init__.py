"""The packets: one UDP port, ICE, DTLS and the forwarder."""
