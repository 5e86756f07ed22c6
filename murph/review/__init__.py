"""What students think of courses, and how much each of them knows: credibility, ratings, bonuses."""
