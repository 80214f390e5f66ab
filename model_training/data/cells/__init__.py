"""Convert the cells of a file to values: missing cells, numbers in every notation, booleans and text."""
