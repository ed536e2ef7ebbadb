"""A process of its own that makes the files people watch out of the packets that are evidence."""
