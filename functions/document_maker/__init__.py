"""Makes documents: in the background from the queue, and on a click over HTTP."""
