"""Words shared by all apps; no models; imports no app."""
