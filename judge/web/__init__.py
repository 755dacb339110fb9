"""What every page that this project serves needs: an address to listen at, and what keeps strangers and browsers in bounds."""
