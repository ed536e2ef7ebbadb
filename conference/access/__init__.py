"""Who may come in: links bound to one person and session, and the logins they open."""
