"""What code of others may import; everything else may change."""
