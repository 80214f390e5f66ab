"""Native files as fitted estimators, which predict with the library that wrote them."""
