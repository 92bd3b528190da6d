"""All traffic to addresses that customers give: one session, one error, one retry rule."""
