"""What a page still asks for after the visitor has left it.

Between a click in the menu and the first word of the new page, a browser goes on asking for the
old one: a list is opened, a button pressed, the timer of a live chart runs out. For a part of the
old page Streamlit would answer under that page's name once the new page stands, and its browser
side would clear the whole window; for a button it would go back to the old page. Neither has
anything to show any more, so such requests end here.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fmnist.ui.server.streamlit_internals import asked_for, page_announced


class LeftPages:
    """ASGI middleware: drops requests for parts of a page that has been left.

    Parameters
    ----------
    app : what answers
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on everything else."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        open_page = ""  # asked for by the browser or announced by the server, whichever is later

        async def receive_of_open_page() -> Message:
            nonlocal open_page
            while True:
                message = await receive()
                request = asked_for(message.get("bytes") or b"")
                if request is None:
                    return message
                if not request.needs_page:
                    open_page = request.page
                if request.page == open_page:
                    return message

        async def send_and_look(message: Message) -> None:
            nonlocal open_page
            open_page = page_announced(message.get("bytes") or b"") or open_page
            await send(message)

        await self._app(scope, receive_of_open_page, send_and_look)
