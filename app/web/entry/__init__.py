"""Coming in: sign-in, sign-up, links, the second factor, invitations, and out again."""
