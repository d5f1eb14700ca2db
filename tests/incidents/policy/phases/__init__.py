"""The rules of document 003, in two parts: until the bleeding has stopped, and from then on."""
