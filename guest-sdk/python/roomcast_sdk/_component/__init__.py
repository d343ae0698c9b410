"""What there is inside a component only. `wit_world` is made by componentize-py from the contract."""
