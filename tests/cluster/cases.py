"""The cases of the rehearsal. Each returns its figure in a sentence, and raises AssertionError if it fails."""

import io
import json
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from PIL import Image

from tests.cluster.client import Load, Page, Visitor, Writers, wait_for
from tests.cluster.site import WEB_PORT, Site

LISTS = ["/", "/latest/", "/sections/harbour/", "/authors/nora/"]
PAGES = [*LISTS, *(f"/articles/article-{number}/" for number in range(20))]
# Not from the page cache.
UNCACHED = ["/subscribe/", "/contact/"]
# Where writers comment all the time. Only twenty comments are on the page of an article.
WRITE = "/articles/article-0/comments/"
# A change must arrive within a second; the rest is for a busy machine.
ARRIVES, PATIENCE = 1.0, 3.0


class Rehearsal:
    """`minute` is how long (seconds) a service stays away; `requests` is how often what is measured is repeated."""

    def __init__(self, site: Site, *, minute: float, requests: int) -> None:
        self.site, self.minute, self.requests = site, minute, requests

    def cases(self) -> list[tuple[str, Callable[[], str]]]:
        return [
            ("Publish on A, read on B", self.publish),
            ("Log in on A, go on at B", self.log_in),
            ("Upload on A, see it from B", self.upload),
            ("Limits count together", self.limits),
            ("What a request costs", self.costs),
            *([("A cache in front", self.edge)] if self.site.has_edge else []),
            ("Rolling upgrade", self.upgrade),
            ("A web machine dies", self.kill_web),
            ("The worker machine dies", self.kill_worker),
            ("Redis is away", self.redis_away),
            ("PostgreSQL fails over", self.fail_over),
        ]

    # --- Two machines, one site --------------------------------------------------------------------------------------

    def publish(self) -> str:
        """An article, and then comments; each is read on the other machine until it is there."""
        a, b = self.editor("a"), self.site.visitor("b")
        b.get("/")
        self.publish_article(a, "The bridge is open")
        times = [wait_for(lambda: "The bridge is open" in b.get("/").text, "the article on B", interval=0.02)]
        for number in range(self.requests):
            writer = self.writer("a", number)
            path, text = f"/articles/article-{number % 15 + 5}/", f"Remark {number} of {time.time()}"
            self.comment(writer, text, path)
            times.append(wait_for(lambda p=path, t=text: t in b.get(p).text, "a comment", interval=0.02))
        check(max(times) < PATIENCE, f"A change took {max(times):.1f} s.")
        return f"{len(times)} changes, on the other machine after {max(times):.2f} s at most"

    def publish_article(self, editor: Visitor, headline: str) -> None:
        seed = self.site.seed
        form = editor.get("/admin/articles/article/add/").form("headline")
        names = {name for name, _ in form.fields}
        check("bylines-0-author" in names, f"The editor's form has other fields: {sorted(names)}")
        fields = {"headline": headline, "body": "<p>It is finished.</p>", "section": seed["section"], "_publish": "1"}
        page = editor.post(form.path, form.filled(**fields, **{"bylines-0-author": seed["author"]}))
        check(page.status == 302, f"The article was not saved ({page.status}).")
        path = page.headers["Location"]
        form = editor.get(path).form("last")
        page = editor.post(form.path, form.filled(when="now", ai_uses="none"))
        check(page.status == 302, f"The article was not published ({page.status}).")

    def log_in(self) -> str:
        seed = self.site.seed
        a = self.site.visitor("a")
        page = a.log_in(seed["reader"], seed["password"])
        check(page.status == 302, f"The login was answered with {page.status}.")
        b = a.at(self.site["b"].address, WEB_PORT)
        check("Reza Lund" in b.get("/account/").text, "B does not know the session.")
        form = b.get("/accounts/logout/").html().forms
        path, fields = next((f.action, list(f.form_values())) for f in form if "logout" in (f.action or ""))
        b.post(path, fields)
        check(a.get("/account/").status == 302, "A does not know that the session has ended.")
        return "session from A valid on B; logged out on B is logged out on A"

    def upload(self) -> str:
        """Upload an image on A. The worker makes its sizes; B has the original's data at once and then the image."""
        editor = self.editor("a")
        uuid = self.upload_image(editor, "teal")
        other = editor.at(self.site["b"].address, WEB_PORT)
        found = lambda: json.loads(other.get(f"/admin/articles/image/by-uuid/?uuid={uuid}").body)["items"]  # noqa: E731
        check(bool(found()), "B does not know the image.")
        took = wait_for(lambda: found()[0]["url"], "the first size of the image")
        page = self.site.visitor("b").get(found()[0]["url"])
        check(page.status == 200 and page.headers["Content-Type"].startswith("image/"), "B does not send the image.")
        return f"known on B with the next request; its first size, made by the worker, after {took:.1f} s"

    def upload_image(self, editor: Visitor, color: str) -> str:
        """Return the UUID of the image."""
        file = io.BytesIO()
        Image.new("RGB", (1600, 1000), color).save(file, "PNG")
        page = editor.upload("/admin/articles/image/upload/", f"{color}.png", file.getvalue())
        check(page.status in {200, 201}, f"The upload was answered with {page.status}.")
        return str(json.loads(page.body)["files"][0]["uuid"])

    def limits(self) -> str:
        """Comments and wrong passwords, half of them on each machine."""
        # Not over the end of a window, in which counting starts again.
        left = 600 - time.time() % 600
        time.sleep(left if left < 20 else 0)
        writer = self.writer("a", -1)
        statuses = []
        for number in range(14):
            visitor = writer.at(self.site["ab"[number % 2]].address, WEB_PORT)
            form = visitor.get(WRITE).form("text")
            statuses.append(visitor.post(form.path, form.filled(text=f"One of many {number} {time.time()}")).status)
        check(statuses == [302] * 12 + [429] * 2, f"Comments were answered with {statuses}.")
        visitor, refused = self.site.visitor("a"), 0
        for number in range(13):
            page = visitor.at(self.site["ab"[number % 2]].address, WEB_PORT).log_in(
                "nobody@news.test", "wrong-password"
            )
            refused += "Many wrong passwords" in page.text
        check(refused == 3, f"{refused} of 13 wrong logins were refused.")
        return "12 comments in all and 10 wrong logins in all, over both machines; then refused"

    def costs(self) -> str:
        """CPU time of a web machine and of the database for each request, without nginx and PgBouncer."""
        a, b = self.site["a"], self.site["db1"]
        anonymous, reader = self.site.visitor("a"), self.writer("a", 10)
        writers = [self.writer("a", 11 + number) for number in range(10)]
        path = "/articles/article-3/"
        costs = []
        for name, count, request in (
            ("page from the page cache", 10, lambda number: anonymous.get(path)),
            ("article for a subscriber", 1, lambda number: reader.get(path)),
            ("comment with its form", 1, lambda number: self.comment(writers[number % 10], f"Cost {number}", path)),
        ):
            for number in range(4):
                request(number)
            before = a.cpu(), b.cpu()
            repeats = count * self.requests
            for number in range(repeats):
                request(number)
            web, database = (
                1000 * (after - then) / repeats for after, then in zip((a.cpu(), b.cpu()), before, strict=True)
            )
            costs.append(f"{name} {web:.1f} + {database:.1f} ms")
        return "; ".join(costs)

    def edge(self) -> str:
        """Varnish keeps a page until a change arrives there, and never a personal one."""
        path = "/articles/article-1/"
        edge = self.site.visitor("edge")
        wait_for(lambda: is_hit(edge.get(path)), "Varnish to keep a page")
        check(edge.get(path).headers["Surrogate-Key"] is None, "Readers get the tags.")
        text = f"Through the edge {time.time()}"
        self.comment(self.writer("a", 3), text, path)
        arrived = wait_for(lambda: text in edge.get(path).text, "a change in Varnish", interval=0.05)
        wait_for(lambda: is_hit(edge.get(path)), "Varnish to keep the new page")
        reader = self.site.visitor("edge")
        page = reader.log_in(self.site.seed["reader"], self.site.seed["password"])
        check(page.status == 302, f"The login through Varnish was answered with {page.status}.")
        for _ in range(3):
            page = reader.get(path)
            check(not is_hit(page) and is_personal(page), "A reader did not get their own page.")
            page = edge.get(path)
            check(not is_personal(page), "A visitor got the page of a reader.")
        check(is_hit(edge.get(path)), "Varnish does not keep the page any more.")
        return f"a change was there after {arrived:.1f} s; personal pages were never kept"

    # --- Changes and failures under load -----------------------------------------------------------------------------

    def upgrade(self) -> str:
        """Replace A and then B by a release with other styles, while readers read and write."""
        with self.load() as load, self.writers() as writers:
            for name in ("a", "b"):
                self.site.take_out(name)
                self.site.stop_web(name)
                self.site.start_web(name, release=2)
                self.site.wait_for_web(name)
                self.site.take_out("")
                # Readers with the new page ask either machine for its styles.
                self.check_styles(name)
            time.sleep(1)
        self.check_lost(writers)
        check(not load.failures, f"Requests failed: {load.failures[:5]}")
        check(not writers.refused, f"Comments were refused: {writers.refused[:5]}")
        return f"{load.summary()}; {len(writers.acknowledged)} comments, 0 refused, 0 lost"

    def check_styles(self, name: str) -> None:
        page = self.site.visitor(name).get("/")
        styles = re.search(r'href="(/static/css/site\.[0-9a-f]+\.css)"', page.text)
        check(bool(styles), f"The page of {name} has no style sheet.")
        visitor = self.site.visitor()
        statuses = {visitor.get(styles[1]).status for _ in range(6)}
        check(statuses == {200}, f"The styles of {name} are answered with {statuses} through the balancer.")

    def kill_web(self) -> str:
        with self.load() as load, self.writers() as writers:
            time.sleep(2)
            self.site["a"].kill()
            time.sleep(3)
            self.site.start_web("a", release=2)
            self.site.wait_for_web("a")
            time.sleep(1)
        self.check_lost(writers)
        self.check_nearly_all(load)
        return f"{load.summary()}; {self.written(writers)}"

    def kill_worker(self) -> str:
        """Kill the worker while it makes sizes of images. Ten minutes later its tasks are done by another one."""
        editor = self.editor("b")
        for color in ("red", "green", "blue"):
            self.upload_image(editor, color)
        open_tasks = "SELECT count(*) FROM django_tasks_database_dbtaskresult WHERE status IN ('READY', 'RUNNING')"
        running = "SELECT count(*) FROM django_tasks_database_dbtaskresult WHERE status = 'RUNNING'"
        primary = self.site.primary
        wait_for(lambda: self.site.sql(running, primary) != "0", "a running task", interval=0.02)
        self.site["worker"].kill()
        # What the database had received from the worker is still committed, for example that it took a task.
        time.sleep(1)
        left = int(self.site.sql(open_tasks, primary))
        self.site.sql(
            "UPDATE django_tasks_database_dbtaskresult SET started_at = started_at - interval '11 minutes' "
            "WHERE status = 'RUNNING'",
            primary,
        )
        self.site.start_workers()
        # A task that was interrupted is FAILED for a moment, before it gets another attempt.
        undone = "SELECT count(*) FROM django_tasks_database_dbtaskresult WHERE status <> 'SUCCESSFUL'"
        try:
            took = wait_for(lambda: self.site.sql(undone, primary) == "0", "all tasks to succeed", timeout=90)
        except AssertionError as error:
            columns = "task_path, status, started_at, run_after, exception_class_path, right(traceback, 300)"
            others = undone.replace("count(*)", columns)
            raise AssertionError(f"{error} The others: {self.site.sql(others, primary)}") from error
        return f"{left} tasks were open; all succeeded {took:.0f} s after another worker had started, 0 lost"

    def redis_away(self) -> str:
        """Unplug Redis, so that connections to it get no answer. Readers log in and comment meanwhile."""
        seed = self.site.seed
        with self.load() as load, self.writers() as writers:
            time.sleep(1)
            self.site["redis"].unplug()
            away = time.monotonic()
            page = self.site.visitor().log_in(seed["reader"], seed["password"])
            slow = time.monotonic() - away
            check(page.status == 302, f"The login was answered with {page.status}.")
            time.sleep(max(0, self.minute - (time.monotonic() - away)))
            self.site["redis"].plug()
            time.sleep(2)
        self.check_lost(writers)
        check(not load.failures, f"Requests failed: {load.failures[:5]}")
        check(not writers.refused, f"Comments were refused: {writers.refused[:5]}")
        return (
            f"for {self.minute:.0f} s: {load.summary()}; {len(writers.acknowledged)} comments, 0 refused, 0 lost; "
            f"a login took {slow:.1f} s"
        )

    def fail_over(self) -> str:
        """Unplug the primary, end it, and let the standby take over, as a cluster manager does."""
        self.warm()
        site = self.site
        with self.load(uncached=False) as load, self.writers(pause=0.05) as writers:
            time.sleep(3)
            site["db1"].unplug()
            time.sleep(self.minute)
            site["db1"].kill()
            site.pg("db2", "pg_ctl", "promote", "-w", "-D", site["db2"].folder / "data")
            site.move_pool("db2")
            site.primary = "db2"
            before = len(writers.acknowledged)
            promoted = time.monotonic()
            wait_for(lambda: len(writers.acknowledged) > before + 2, "comments after the failover", timeout=90)
            back = time.monotonic() - promoted
            time.sleep(1)
        self.check_lost(writers)
        self.check_nearly_all(load)
        b = site.visitor("b")
        text = f"After the failover {time.time()}"
        self.comment(self.writer("a", 7), text, "/articles/article-2/")
        arrived = wait_for(lambda: text in b.get("/articles/article-2/").text, "a comment on B", interval=0.02)
        site.manage("verify_record")
        return (
            f"standby promoted {self.minute:.0f} s after the primary was unplugged: {load.summary()}; "
            f"{self.written(writers)}; comments accepted again {back:.1f} s after the promotion; then a change arrives "
            f"on B after {arrived:.2f} s"
        )

    # --- Parts -------------------------------------------------------------------------------------------------------

    def editor(self, name: str) -> Visitor:
        editor = self.site.visitor(name)
        page = editor.log_in(self.site.seed["editor"], self.site.seed["password"])
        check(page.status == 302, f"The editor's login was answered with {page.status}.")
        return editor

    def writer(self, name: str, number: int) -> Visitor:
        return self.site.visitor(name, cookies={"sessionid": self.site.seed["sessions"][number]})

    def comment(self, writer: Visitor, text: str, article: str) -> None:
        form = writer.get(f"{article}comments/").form("text")
        page = writer.post(form.path, form.filled(text=text))
        check(page.status == 302, f"The comment was answered with {page.status}.")

    def load(self, *, uncached: bool = True) -> Load:
        # One in twenty requests is for a page that is made for it.
        paths = PAGES * 2 + UNCACHED if uncached else PAGES
        return Load(self.site["balancer"].address, paths)

    def writers(self, pause: float = 0.2) -> Writers:
        # Without the last one, whose limit is used up.
        return Writers(self.site["balancer"].address, WRITE, self.site.seed["sessions"][:-1], pause)

    def warm(self) -> None:
        """Ask both machines for each page, many times at once, so that each of their workers has it."""
        visitors = [self.site.visitor(name) for name in ("a", "b")]
        with ThreadPoolExecutor(16) as pool:
            for path in PAGES:
                for visitor in visitors * 8 * self.site.workers:
                    pool.submit(visitor.get, path)

    def written(self, writers: Writers) -> str:
        return f"{len(writers.acknowledged)} comments acknowledged, 0 lost, {len(writers.refused)} refused"

    def check_nearly_all(self, load: Load) -> None:
        """Allow for requests whose answer was on its way when the machine died."""
        check(len(load.failures) <= len(load.times) / 100, f"Requests failed: {load.failures[:5]}")

    def check_lost(self, writers: Writers) -> None:
        """Raise AssertionError if an acknowledged comment is not in the database."""
        stored = self.site.sql("SELECT text FROM comments_comment", self.site.primary).splitlines()
        lost = set(writers.acknowledged) - set(stored)
        check(not lost, f"{len(lost)} of {len(writers.acknowledged)} comments were lost.")
        check(len(writers.acknowledged) > 3, f"Few comments were accepted; refused: {writers.refused[:3]}")


def is_hit(page: Page) -> bool:
    """Return whether Varnish had the page: it then names two requests, the other one being that which fetched it."""
    return len((page.headers["X-Varnish"] or "").split()) == 2


def is_personal(page: Page) -> bool:
    """Return whether the header is that of a reader who is logged in."""
    return ">Account</a>" in page.text.partition("<main")[0]


def check(condition: bool, problem: str) -> None:
    """Raise AssertionError with `problem` unless `condition` holds. `assert` says nothing of it without pytest."""
    if not condition:
        raise AssertionError(problem)
