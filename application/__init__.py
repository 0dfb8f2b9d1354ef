"""What can be asked of a store of mailboxes, and what it needs from the world."""
