"""One file a question that a trial file may ask; the codes stand in the menu."""
