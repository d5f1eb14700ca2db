"""The post office: knows recipients and channels, never incidents."""
