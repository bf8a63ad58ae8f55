"""`python -m runtime.reference [FOLDER]` writes the pages."""

import sys
from pathlib import Path

from runtime.reference.pages import FOLDER, main

if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
