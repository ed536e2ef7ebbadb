"""A completed document as PDF/A-3b: fonts embedded, handwriting as paths, its content attached."""
