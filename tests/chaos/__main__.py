"""`make chaos`."""

import sys

from tests.chaos.running import main

sys.exit(main())
