"""Where the history is kept."""
