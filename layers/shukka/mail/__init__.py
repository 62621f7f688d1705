"""How a mail looks and how it leaves: view, templates, MIME and Amazon SES."""
