"""Where recordings are asked for and handed out."""
