"""How good the ranking is: catalogues and questions with known answers, and figures that compare engines."""
