"""Google's services other than Cloud Storage, one file each."""
