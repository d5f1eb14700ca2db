"""Who must answer, and what if nobody does; knows no alert and no incident."""
