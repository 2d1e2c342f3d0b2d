"""What goes wrong in a browser's page without anybody seeing it on the screen."""

from playwright.sync_api import ConsoleMessage, Page, Request, Response

# Failures of requests that are none: Chromium's word for it, and why.
EXPECTED_FAILURES = {
    "net::ERR_ABORTED": "the page was left, or the file was taken as a download",
}
# Parts of console messages that are no fault, and why.
EXPECTED_MESSAGES = {
    "the server responded with a status of": "told with its address by the response itself",
}


def watch(page: Page, problems: list[str]) -> None:
    """Append what goes wrong from now on, as it comes.

    Errors of scripts and in the console, breaches of the content policy, answers with a status of
    400 or above, requests that failed.
    """

    def heard(said: ConsoleMessage) -> None:
        is_fault = said.type == "error" or "Content Security Policy" in said.text
        if is_fault and not any(part in said.text for part in EXPECTED_MESSAGES):
            problems.append(f"console: {said.text[:500]} ({said.location['url']})")

    def answered(response: Response) -> None:
        if response.status >= 400:
            problems.append(f"{response.status}: {response.request.method} {response.url}")

    def failed(request: Request) -> None:
        if request.failure not in EXPECTED_FAILURES:
            problems.append(f"{request.failure}: {request.method} {request.url}")

    page.on("console", heard)
    page.on("pageerror", lambda error: problems.append(f"script: {error}"))
    page.on("response", answered)
    page.on("requestfailed", failed)
