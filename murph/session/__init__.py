"""One stretch of paid watching of one course by one student, from the lock to the receipt."""
