"""How often decisions claim what is false, at the boundary, where they are likeliest to."""
