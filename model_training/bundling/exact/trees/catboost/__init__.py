"""Read the files of CatBoost without CatBoost."""
