"""What can be watched: categories, courses, their videos and lectures, and the price per minute."""
