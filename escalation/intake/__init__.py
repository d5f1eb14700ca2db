"""What people answer in words, read into what they mean. Pure."""
