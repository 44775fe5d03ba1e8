"""What objects look like in a notebook and on a terminal; `registry` names who draws what."""
