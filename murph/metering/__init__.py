"""Pure arithmetic of watched time and its price: no database, no Flask, no clock of its own."""
