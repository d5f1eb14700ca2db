"""What comes in from the channels, read into words and their sender. Pure; what they mean is not known here."""
