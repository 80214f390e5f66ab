"""Load joblib files through an allow-list."""
