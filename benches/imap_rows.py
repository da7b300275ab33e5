"""The rows of benches/compare that need an IMAP server: a private Dovecot is begun for them."""

import json
import os
import shutil
import socket
import sqlite3
import ssl
import statistics
import subprocess
import tempfile
import threading
import time

PASSWORD = "s3cret"
COUNT = "SELECT count(*) FROM sighting"
OWNER = 65534
DOVECOT = shutil.which("dovecot") or "/usr/sbin/dovecot"

CERTIFICATE = """
[req]
distinguished_name = name
x509_extensions = of_a_server
[name]
[of_a_server]
subjectAltName = DNS:localhost
basicConstraints = critical, CA:FALSE
"""

CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {dir}/run
log_path = {dir}/dovecot.log
first_valid_uid = 1
first_valid_gid = 1
ssl = yes
ssl_cert = <{dir}/cert.pem
ssl_key = <{dir}/key.pem
mail_location = maildir:{dir}/mail/%u
mail_max_userip_connections = 1000
{who}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}/home/%u
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
}}
service imap {{
  process_limit = 1000
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Dovecot:
    """A Dovecot whose mailboxes are copies of the first mails of a Maildir."""

    def __init__(self, maildir, mailboxes):
        self.dir = tempfile.mkdtemp(prefix="rgb")
        os.chmod(self.dir, 0o755)
        self.port = free_port()
        names = sorted(
            os.path.join(maildir, part, name)
            for part in ["cur", "new"]
            for name in os.listdir(os.path.join(maildir, part))
        )
        for user, (first, many) in mailboxes.items():
            self.fill(user, names[first : first + many])
        subject = ["-subj", "/CN=localhost", "-config", self.write("openssl.conf", CERTIFICATE)]
        keys = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
        files = ["-keyout", f"{self.dir}/key.pem", "-out", f"{self.dir}/cert.pem"]
        command = ["openssl", "req", "-x509"] + keys + subject + files
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        root = os.getuid() == 0
        user = "root" if root else subprocess.getoutput("id -un")
        who = "" if root else f"default_internal_user = {user}\ndefault_login_user = {user}"
        owner = OWNER if root else os.getuid()
        group = OWNER if root else os.getgid()
        conf = CONFIGURATION.format(
            dir=self.dir, port=self.port, who=who, uid=owner, gid=group, password=PASSWORD
        )
        self.write("dovecot.conf", conf)
        words = [DOVECOT, "-F", "-c", f"{self.dir}/dovecot.conf"]
        self.child = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        wait("Dovecot to come up", 20, self.answers)

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o600)
        return path

    def fill(self, user, names):
        home = os.path.join(self.dir, "mail", user)
        for part in ["cur", "new", "tmp"]:
            os.makedirs(os.path.join(home, part))
        for name in names:
            shutil.copy2(name, os.path.join(home, "cur", os.path.basename(name)))
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", f"{OWNER}:{OWNER}", home], check=True)

    def deliver(self, user, mail, number):
        home = os.path.join(self.dir, "mail", user)
        name = f"1900000000.M{number}.bench"
        path = os.path.join(home, "tmp", name)
        with open(path, "wb") as file:
            file.write(mail)
        if os.getuid() == 0:
            os.chown(path, OWNER, OWNER)
        os.rename(path, os.path.join(home, "new", name))

    def answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1):
                return True
        except OSError:
            return False

    def connection(self, user):
        """A logged-in connection: its file, and what writes to it."""
        trust = ssl.create_default_context(cafile=f"{self.dir}/cert.pem")
        plain = socket.create_connection(("localhost", self.port))
        line = trust.wrap_socket(plain, server_hostname="localhost")
        file = line.makefile("rb", buffering=1 << 16)
        file.readline()
        for command in [f"LOGIN {user} {PASSWORD}", "EXAMINE INBOX"]:
            line.sendall(f"a {command}\r\n".encode())
            while not file.readline().startswith(b"a "):
                pass
        return line, file

    def drained(self, user):
        """Seconds in which everything is fetched and thrown away; the bytes of it."""
        began = time.monotonic()
        line, _ = self.connection(user)
        line.sendall(b"z UID FETCH 1:* (UID BODY.PEEK[])\r\n")
        many, end, piece = 0, b"", bytearray(1 << 18)
        while b"\r\nz OK" not in end:
            read = line.recv_into(piece)
            many += read
            end = (end + piece[:read])[-200:]
        line.close()
        return time.monotonic() - began, many

    def stop(self):
        self.child.terminate()
        self.child.wait()
        shutil.rmtree(self.dir)


def wait(what, seconds, done, between=0.005):
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            raise SystemExit(f"Waited {seconds} s for {what}")
        time.sleep(between)


class Proxy:
    """Counts the bytes that the server sends, and holds everything back for a while; notes
    when it spoke first since `spoke` was None."""

    def __init__(self, port, delay=0.0):
        self.to, self.delay, self.received, self.spoke = port, delay, 0, None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            near, _ = self.listener.accept()
            far = socket.create_connection(("127.0.0.1", self.to))
            for come, go in [(near, far), (far, near)]:
                come.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                pieces = []
                more = threading.Condition()
                words = (come, pieces, more, come is far)
                threading.Thread(target=self.take, args=words, daemon=True).start()
                threading.Thread(target=self.give, args=(go, pieces, more), daemon=True).start()

    def take(self, come, pieces, more, counted):
        while True:
            try:
                piece = come.recv(1 << 18)
            except OSError:
                piece = b""
            if counted:
                self.spoke = self.spoke or time.monotonic()
                self.received += len(piece)
            with more:
                pieces.append((time.monotonic() + self.delay, piece))
                more.notify()
            if not piece:
                return

    @staticmethod
    def give(go, pieces, more):
        while True:
            with more:
                while not pieces:
                    more.wait()
                due, piece = pieces.pop(0)
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                if not piece:
                    go.shutdown(socket.SHUT_WR)
                    return
                go.sendall(piece)
            except OSError:
                return


class Watcher:
    """Our program with accounts at this server, or one over a Maildir, and a state of its own."""

    def __init__(self, program, server, users, port=None, maildir=None):
        self.dir = tempfile.mkdtemp(prefix="rgb")
        lines = ["name = 'Alex Morgan'"]
        secret = os.path.join(self.dir, "secret")
        self.write("secret", PASSWORD)
        for user in users:
            lines += [f"[account.{user}]", f"addresses = ['{user}@example.org']"]
            if maildir:
                lines.append(f"maildir = {{ path = '{maildir}' }}")
                continue
            lines += [
                f"[account.{user}.imap]",
                "host = 'localhost'",
                f"port = {port or server.port}",
                f"ca_file = '{server.dir}/cert.pem'",
                f"login = '{user}'",
                f"secret = {{ file = '{secret}' }}",
            ]
        self.write("config.toml", "\n".join(lines) + "\n")
        self.state = os.path.join(self.dir, "state")
        self.words = [program, "--config", f"{self.dir}/config.toml", "--state-dir", self.state]
        self.child = None

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o600)

    def once(self):
        """Seconds of `run --once`."""
        began = time.monotonic()
        done = subprocess.run(self.words + ["run", "--once"], capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr.decode())
        return time.monotonic() - began

    def seconds(self, command, runs=5):
        took = []
        for _ in range(runs):
            began = time.monotonic()
            subprocess.run(self.words + command, stdout=subprocess.DEVNULL, check=False)
            took.append(time.monotonic() - began)
        return statistics.median(took)

    def begin(self):
        self.child = subprocess.Popen(self.words + ["run"], stderr=subprocess.DEVNULL)

    def database(self):
        path = os.path.join(self.state, "regards.db")
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)

    def asked(self, question):
        database = self.database()
        try:
            return database.execute(question).fetchall()
        finally:
            database.close()

    def many(self):
        try:
            return self.asked(COUNT)[0][0]
        except (sqlite3.Error, FileNotFoundError):
            return 0

    def told(self):
        """How many mails are of each kind, and what job mail says."""
        kinds = self.asked("SELECT kind, count(*) FROM sighting GROUP BY kind ORDER BY kind")
        fields = "message_id, subject, kind, unsure, company, role, reference, person, reached"
        fields = f"SELECT {fields}, reason FROM message ORDER BY 1, 2, 3"
        return json.dumps([kinds, self.asked(fields)])

    def used(self):
        """Megabytes, descriptors, how often each thread was woken, seconds of processor."""
        root = f"/proc/{self.child.pid}"
        with open(f"{root}/status", encoding="utf-8") as file:
            kept = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
        woken = {}
        for task in os.listdir(f"{root}/task"):
            with open(f"{root}/task/{task}/status", encoding="utf-8") as file:
                told = (int(line.split()[1]) for line in file if line.startswith("voluntary"))
                woken[task] = next(told)
        with open(f"{root}/stat", encoding="utf-8") as file:
            words = file.read().rsplit(")", 1)[1].split()
        ticks = (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
        return kept / 1024, len(os.listdir(f"{root}/fd")), woken, ticks

    def end(self):
        if self.child:
            self.child.terminate()
            self.child.wait()
        shutil.rmtree(self.dir)


def first_looks(row, program, server, mails, few, runs):
    drains = [server.drained("all") for _ in range(runs)]
    drain, size = statistics.median(took for took, _ in drains), drains[0][1]
    took, second = [], []
    for _ in range(runs):
        watcher = Watcher(program, server, ["all"])
        took.append(watcher.once())
        second.append(watcher.once())
        listed = watcher.seconds(["desk"])
        pages = watcher.asked("SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'sighting%'")
        watcher.end()
    over = f"drain {drain:.2f} s"
    took = statistics.median(took)
    row(f"first look, TLS, {mails} mails", over, "1.15 x drain", f"{took:.2f} s")
    row("first look, plain", "", "", "there is no way to go without TLS")
    row("run --once again, nothing new", "", "25 ms", f"{min(second) * 1e3:.0f} ms with its login")
    row("desk after it", "2 ms", "8 ms", f"{listed * 1e3:.1f} ms")
    row("database, each mail about no job", "210 B", "300 B", f"{pages[0][0] / mails:.0f} B")
    proxy = Proxy(server.port)
    watcher = Watcher(program, server, ["all"], port=proxy.port)
    watcher.once()
    watcher.end()
    row("bytes on the wire", f"{size / 1e6:.0f} MB", "60 %", f"{100 * proxy.received / size:.0f} %")
    proxy = Proxy(server.port, 0.020)
    watcher = Watcher(program, server, ["few"], port=proxy.port)
    row(f"{few} mails at 40 ms", "", "3 x floor", f"{watcher.once():.2f} s")
    watcher.end()


def at_rest(row, program, server, mails, seconds):
    proxy = Proxy(server.port)
    watcher = Watcher(program, server, ["all"], port=proxy.port)
    watcher.begin()
    wait("the first look", 600, lambda: watcher.many() >= mails)
    time.sleep(min(seconds, 30))
    _, _, woken, busy = watcher.used()
    time.sleep(seconds)
    kept, _, woken_now, busy_now = watcher.used()
    hours = seconds / 3600
    row("at rest: RSS", "3.5 MB", "20 MB", f"{kept:.0f} MB")
    # A thread that has ended meanwhile is not woken any more.
    times = sum(many - woken.get(task, 0) for task, many in woken_now.items())
    row("at rest: wake-ups an hour", "30", "100", f"{times / hours:.0f}")
    row("at rest: processor an hour", "", "1 s", f"{(busy_now - busy) / hours:.1f} s")
    reactions(row, watcher, server, proxy)
    watcher.end()


def reactions(row, watcher, server, proxy):
    """Milliseconds between EXISTS on the watcher's own line and the row in the database. Another
    client's line would not do: each of Dovecot's processes tells in its own time."""
    database = watcher.database()
    took = []
    for number in range(9):
        many = database.execute(COUNT).fetchone()[0]
        # What it says of the mail before must have come, and its IDLE must stand.
        quiet(proxy)
        proxy.spoke = None
        mail = f"From: a@firm.example\r\nSubject: News\r\nMessage-ID: <{number}@firm.example>\r\n"
        server.deliver("all", (mail + "\r\nThe cafeteria is closed.\r\n").encode(), number)
        told = lambda: database.execute(COUNT).fetchone()[0] > many
        wait("the verdict", 60, told, 0.0005)
        took.append((time.monotonic() - proxy.spoke) * 1e3)
    database.close()
    first, others = took[0], statistics.median(took[1:])
    said = f"{first:.0f} ms after the rest, then {others:.1f} ms (it is asked every 0.5 ms)"
    row("delivered: verdict after EXISTS", "1 ms", "10 ms", said)


def quiet(proxy):
    """Waits until the server has said nothing for half a second."""
    proxy.spoke = True
    while proxy.spoke:
        proxy.spoke = None
        time.sleep(0.5)


def many_accounts(row, program, server, accounts, each):
    users = [f"user{number}" for number in range(accounts)]
    watcher = Watcher(program, server, users)
    watcher.begin()
    wait("all accounts", 600, lambda: watcher.many() >= accounts * each)
    time.sleep(5)
    kept, files, _, _ = watcher.used()
    told = f"{kept / accounts:.1f} MB and {files / accounts:.1f} descriptors each, {kept:.0f} MB"
    row(f"{accounts} accounts in one process", "", "", told)
    watcher.end()


def alike(program, server, mails):
    """Ends when a mailbox reads otherwise over IMAP than as a Maildir."""
    over_imap = Watcher(program, server, ["all"])
    over_imap.once()
    at_home = Watcher(program, server, ["all"], maildir=os.path.join(server.dir, "mail", "all"))
    at_home.once()
    one, other = over_imap.told(), at_home.told()
    many = over_imap.many()
    over_imap.end()
    at_home.end()
    if one != other or many != mails:
        raise SystemExit(f"IMAP and Maildir tell other things of {many} of {mails} mails")
    return f"the same of {many} mails"


def rows(row, program, maildir, mails, small):
    if not shutil.which("openssl") or not os.path.exists(DOVECOT):
        row("IMAP", "", "", "dovecot or openssl is not installed")
        return
    accounts, each = (2, 5) if small else (50, 20)
    few = min(mails, 1000)
    mailboxes = {"all": (0, mails), "few": (0, few)}
    mailboxes.update({f"user{number}": (0, min(each, mails)) for number in range(accounts)})
    server = Dovecot(maildir, mailboxes)
    try:
        row("IMAP and Maildir tell the same", "", "always", alike(program, server, mails))
        if not small:
            first_looks(row, program, server, mails, few, 3)
            at_rest(row, program, server, mails, int(os.environ.get("REST", "600")))
        many_accounts(row, program, server, accounts, min(each, mails))
    finally:
        server.stop()
