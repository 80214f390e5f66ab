"""Read the files of XGBoost without XGBoost."""
