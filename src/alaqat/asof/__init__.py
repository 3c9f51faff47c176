"""What holds on a day, and whether a triple holds at all."""
