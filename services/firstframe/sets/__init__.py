"""Product sets: palettes, labels, shapes, framing and the scenes that are built of them."""
