"""A participant without a face: what the host records, as packets, sealed each second."""
