from api.frame.request import slashes

slashes.install()  # before any route is made
