"""What stands between the network and Streamlit."""

from starlette.middleware import Middleware

from fmnist.ui.server.headers import BrowserGuards, served_names
from fmnist.ui.server.left_pages import LeftPages
from fmnist.ui.server.owner import OwnerCookie
from fmnist.ui.server.uploads import LimitedUploads


def middleware() -> list[Middleware]:
    """Outermost first."""
    return [
        Middleware(BrowserGuards, names=served_names()),
        Middleware(LimitedUploads),
        Middleware(OwnerCookie),
        Middleware(LeftPages),
    ]
