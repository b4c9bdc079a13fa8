"""What each customer needs: portfolios of like customers, and what share of it is bought here."""
