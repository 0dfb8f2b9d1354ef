"""What folders show: rows made from the history, found and sorted. Disposable."""
