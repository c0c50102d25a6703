"""How open a call is: the buyer's mirror, what a startup could change, who could bid together; on equal terms."""
