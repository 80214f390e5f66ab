"""Read the files of LightGBM without LightGBM."""
