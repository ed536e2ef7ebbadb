"""The finished session of the demo: story A, held on a virtual clock and kept like any other."""
