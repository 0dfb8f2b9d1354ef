"""Requests to addresses that other people name: made so that nobody can use them to reach the inside."""
