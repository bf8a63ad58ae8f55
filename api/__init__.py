from api import slashes

slashes.install()  # before any route is made
