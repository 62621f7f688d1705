"""Sends the mails that the outbox asks for."""
