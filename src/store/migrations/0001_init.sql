-- Times are milliseconds since 1970-01-01T00:00:00Z. Numbers are never used again.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY, -- what is kept, e.g. `fingerprint_key`
    value BLOB NOT NULL     -- its value; text is UTF-8
) STRICT;

CREATE TABLE account (
    no           INTEGER PRIMARY KEY AUTOINCREMENT, -- c1, c2 …
    login        TEXT NOT NULL,    -- who logs in; with `host` the identity of the account
    host         TEXT NOT NULL,    -- the mailbox's server, or the path of a Maildir
    label        TEXT NOT NULL,    -- the configuration's name for it
    present      INTEGER NOT NULL DEFAULT 1, -- 0: gone from the configuration
    contact_at   INTEGER,          -- when the mailbox was last known to be read to its end
    waiting      TEXT,             -- why it is not read just now; NULL: it is
    UNIQUE (login, host)
) STRICT;

CREATE TABLE folder (
    no          INTEGER PRIMARY KEY AUTOINCREMENT, -- the folder's number in `sighting`
    account     INTEGER NOT NULL REFERENCES account (no), -- whose
    name        TEXT NOT NULL,     -- the mailbox name as the server writes it, or a path
    uidvalidity INTEGER,           -- RFC 9051 2.3.1.1; NULL: not looked at yet
    uid_next    INTEGER NOT NULL DEFAULT 0, -- every UID below has been handled
    UNIQUE (account, name)
) STRICT;

-- One row for each place where a mail was seen. Mail that is not about a job has no other
-- row, and this one has no word of it.
CREATE TABLE sighting (
    folder      INTEGER NOT NULL REFERENCES folder (no), -- where
    uidvalidity INTEGER NOT NULL,  -- the UID's epoch
    uid         INTEGER NOT NULL,  -- which mail there
    day         INTEGER NOT NULL,  -- when it was received, in days since 1970
    fingerprint BLOB NOT NULL,     -- 128 bits of HMAC-SHA256 over its identifying fields
    kind        INTEGER NOT NULL,  -- the kind's number; 0: the user's own mail
    probability INTEGER NOT NULL,  -- P(rejected) times 255
    ruleset     INTEGER NOT NULL,  -- number of the rule set that judged it
    message     INTEGER REFERENCES message (no), -- the job mail that it is
    PRIMARY KEY (folder, uidvalidity, uid)
) STRICT, WITHOUT ROWID;

CREATE INDEX sighting_by_fingerprint ON sighting (fingerprint);

-- What the user had erased: known again wherever it turns up, and passed over.
CREATE TABLE forgotten (
    fingerprint BLOB PRIMARY KEY   -- as in `sighting`
) STRICT, WITHOUT ROWID;

CREATE TABLE application (
    no       INTEGER PRIMARY KEY AUTOINCREMENT, -- a1, a2 …
    company  TEXT,                 -- set by the user; else the messages tell it
    role     TEXT,                 -- set by the user; else the messages tell it
    applied_at INTEGER,            -- entered by hand: when the user applied
    stage    TEXT,                 -- entered by hand: how far it had come; mail moves it on
    stage_at INTEGER,              -- since when, by the user's word; NULL: since `applied_at`
    note     TEXT,                 -- entered by hand: place, link, notes
    created_at INTEGER NOT NULL    -- when the daemon opened it
) STRICT;

CREATE TABLE message (
    no          INTEGER PRIMARY KEY AUTOINCREMENT, -- m1, m2 …
    account     INTEGER NOT NULL REFERENCES account (no), -- where it came
    application INTEGER REFERENCES application (no), -- what it belongs to
    fingerprint BLOB NOT NULL,     -- as in `sighting`
    text_fingerprint BLOB NOT NULL, -- the same HMAC over the text
    own         INTEGER NOT NULL,  -- 1: the user wrote it
    watched     INTEGER NOT NULL,  -- 1: seen in a folder whose rejections are answered
    message_id  TEXT,              -- RFC 5322 3.6.4, without brackets
    sender_name TEXT,              -- the name in From
    sender      TEXT,              -- the address in From
    recipient   TEXT,              -- the address in To (own mail: whom the user wrote to)
    subject     TEXT NOT NULL,     -- on one line
    received_at INTEGER NOT NULL,  -- topmost Received, else Date, else first seen
    first_seen_at INTEGER NOT NULL, -- when the daemon read it
    kind        INTEGER NOT NULL,  -- the kind's number; 0: own mail
    unsure      INTEGER NOT NULL,  -- 1: the kind is a guess, the user is asked
    corrected   INTEGER NOT NULL DEFAULT 0, -- 1: the user told the kind
    probability REAL NOT NULL,     -- P(rejected)
    language    TEXT,              -- two letters
    hits        TEXT NOT NULL,     -- JSON: the rules that fired, with their words
    company     TEXT,              -- the employer as this mail writes it
    role        TEXT,              -- the position as this mail writes it
    reference   TEXT,              -- the employer's number
    person      TEXT,              -- who signed
    reached     TEXT,              -- how far the application had come, as this mail says: talks, offer
    reason      TEXT,              -- why it ended
    system      TEXT,              -- the tracking system that sent it
    ties        TEXT,              -- marks of one application in its links, divided by a space
    question    TEXT,              -- what the user is asked: unsure, ambiguous, contradicts, same-ids
    addressee   TEXT,              -- person, relay, earlier, nobody …; rejections only
    addressee_why TEXT,            -- the reason of that
    warning     TEXT,              -- why the sender may be somebody else, if so: dmarc-failed, look-alike …
    to_others   INTEGER NOT NULL DEFAULT 0, -- 1: none of the user's addresses was among its recipients
    quiet_until INTEGER,           -- nobody hears of it before; NULL: it is released
    released_at INTEGER,           -- when it was released; NULL: it is kept quiet, or never was
    away        INTEGER NOT NULL DEFAULT 0, -- 1: found late, to be listed once as such; 2: listed
    text        TEXT,              -- what the sender wrote; NULL: forgotten
    raw         BLOB               -- what was read of the mail; NULL: forgotten
) STRICT;

CREATE INDEX message_by_fingerprint ON message (fingerprint);
CREATE INDEX message_by_message_id ON message (message_id);
CREATE INDEX message_by_application ON message (application, received_at);
CREATE INDEX message_by_domain ON message (substr(sender, instr(sender, '@') + 1))
    WHERE application IS NOT NULL AND own = 0;
CREATE INDEX message_by_kind ON message (kind, received_at);
CREATE INDEX message_asked ON message (received_at) WHERE question IS NOT NULL;
CREATE INDEX message_away ON message (received_at) WHERE away > 0;
CREATE INDEX message_quiet ON message (quiet_until) WHERE quiet_until IS NOT NULL;

-- References and In-Reply-To of own and foreign job mail, for the thread.
CREATE TABLE thread_id (
    message    INTEGER NOT NULL REFERENCES message (no), -- the mail that names it
    message_id TEXT NOT NULL,      -- the identifier named, without brackets
    direct     INTEGER NOT NULL,   -- 1: in In-Reply-To
    PRIMARY KEY (message, message_id)
) STRICT, WITHOUT ROWID;

-- Where the user put a mail; nothing else moves it.
CREATE TABLE pin (
    message     INTEGER PRIMARY KEY REFERENCES message (no), -- which mail
    application INTEGER NOT NULL REFERENCES application (no), -- where it belongs
    at          INTEGER NOT NULL   -- since when
) STRICT;

-- What the user says are two names of one employer.
CREATE TABLE alias (
    name   TEXT NOT NULL,          -- one name
    other  TEXT NOT NULL,          -- another
    at     INTEGER NOT NULL,       -- since when
    PRIMARY KEY (name, other)
) STRICT, WITHOUT ROWID;

CREATE TABLE reply (
    no          INTEGER PRIMARY KEY AUTOINCREMENT, -- r1, r2 …
    application INTEGER NOT NULL REFERENCES application (no), -- the application that ended
    parent      INTEGER NOT NULL REFERENCES message (no), -- the rejection answered
    account     INTEGER NOT NULL REFERENCES account (no), -- who sends it
    chosen      TEXT,              -- whom the user named, against the program's advice
    wanted      TEXT,              -- the intent that the user named
    follows     INTEGER REFERENCES reply (no), -- a follow-up: the sent reply that it answers
    version     INTEGER NOT NULL DEFAULT 0, -- counts the writes
    state       TEXT NOT NULL,     -- cooling, drafted, approved, sending, doubtful, sent, skipped, withdrawn, failed
    notice      TEXT,              -- what the user should know of its last move
    shown       TEXT,              -- SHA-256 of the mail that was last shown to the user
    tone_shown  INTEGER NOT NULL DEFAULT 0, -- 1: what the tone check says of this text was shown
    not_before  INTEGER,           -- cooling: not on the desk before
    since       INTEGER,           -- drafted, doubtful, sent: since when
    digest      TEXT,              -- SHA-256 that was approved
    approved_by TEXT,              -- which face
    approved_at INTEGER,           -- when
    due         INTEGER,           -- not to be sent before
    first_due   INTEGER,           -- when it was due first
    deferrals   INTEGER NOT NULL DEFAULT 0, -- 4yz answers so far
    unreached   INTEGER NOT NULL DEFAULT 0, -- attempts that met no server
    date        INTEGER,           -- the Date field, from the first claim on
    body_given  INTEGER NOT NULL DEFAULT 0, -- sending: 1: the body may be on the wire
    proof       TEXT,              -- sent: how it is known
    why         TEXT,              -- withdrawn, failed: the reason
    sent_copy   INTEGER NOT NULL DEFAULT 0, -- sent: 1: a copy is to be put into Sent
    lookups     INTEGER NOT NULL DEFAULT 0, -- doubtful: searches of the Sent folder so far
    -- the mail, as the desk shows it
    route_mailbox   TEXT,          -- login@host
    route_transport TEXT,          -- smtp:login@host:port, sendmail:PATH, folder:PATH
    envelope_from   TEXT,          -- MAIL FROM
    envelope_to     TEXT,          -- RCPT TO, divided by a space
    from_name       TEXT,          -- display name in From
    from_address    TEXT,          -- address in From
    to_name         TEXT,          -- display name in To
    to_address      TEXT,          -- address in To
    subject         TEXT,          -- Subject
    in_reply_to     TEXT,          -- In-Reply-To without brackets
    refs            TEXT,          -- References without brackets, divided by a space
    message_id      TEXT,          -- Message-ID without brackets
    text            TEXT,          -- the text
    intent          TEXT,          -- what the text is meant to do
    -- for the figures; no part of the mail
    template        TEXT,          -- from which template the text was made; NULL: not known
    edited          INTEGER NOT NULL DEFAULT 0, -- 1: the user has changed the words since
    reached         TEXT           -- how far the application had come then: applied, talks, offer
) STRICT;

-- One reply for one closing while it has not ended.
CREATE UNIQUE INDEX reply_living ON reply (application)
    WHERE state IN ('cooling', 'drafted', 'approved', 'sending', 'doubtful');

-- What came back to a reply that was sent. Of what a machine wrote no word is kept but a
-- server's reason.
CREATE TABLE answer (
    reply       INTEGER NOT NULL REFERENCES reply (no), -- what it answers
    fingerprint BLOB NOT NULL,     -- as in `sighting`: it is noted once, wherever it is seen
    message     INTEGER REFERENCES message (no), -- the mail, when a person wrote it
    kind        TEXT NOT NULL,     -- given, refused, warm, automatic, bounce
    at          INTEGER NOT NULL,  -- when it was received
    said        TEXT,              -- of a bounce: the server's words
    tags        TEXT NOT NULL DEFAULT '[]', -- JSON: what it is about
    tagged      INTEGER NOT NULL DEFAULT 0, -- 1: the user chose the tags
    PRIMARY KEY (reply, fingerprint)
) STRICT, WITHOUT ROWID;

CREATE INDEX answer_by_message ON answer (message);
CREATE INDEX reply_by_message_id ON reply (message_id);

-- When to write once more, or to apply again.
CREATE TABLE reminder (
    application INTEGER PRIMARY KEY REFERENCES application (no), -- of which application
    message     INTEGER NOT NULL REFERENCES message (no), -- the rejection that it is about
    due         INTEGER,           -- when; NULL: the user wants none, or a follow-up came of it
    said        TEXT,              -- the employer's words; NULL: the user set it
    set_at      INTEGER NOT NULL,  -- since when it stands
    follow_up   INTEGER REFERENCES reply (no) -- the reply that came of it
) STRICT;

-- What the user was asked for oneself after a draft was dealt with. Nothing else reads it.
CREATE TABLE reflection (
    no          INTEGER PRIMARY KEY AUTOINCREMENT, -- as `regards wins` lists it
    at          INTEGER NOT NULL,  -- when it was asked
    application INTEGER NOT NULL REFERENCES application (no), -- about which application
    reply       INTEGER NOT NULL REFERENCES reply (no), -- after which reply
    question    TEXT NOT NULL,     -- went-well, differently, right-job
    text        TEXT               -- the user's words; NULL: left without an answer
) STRICT;

CREATE TABLE journal (
    no          INTEGER PRIMARY KEY AUTOINCREMENT, -- order of happening
    at          INTEGER NOT NULL,  -- when
    by          TEXT NOT NULL,     -- daemon, or the face a person used
    what        TEXT NOT NULL,     -- what happened
    reply       INTEGER,           -- to which reply
    application INTEGER,           -- to which application
    message     INTEGER,           -- to which message
    why         TEXT               -- a reason or the server's words
) STRICT;

-- What a face decided and the daemon carries out.
CREATE TABLE decision (
    no         INTEGER PRIMARY KEY AUTOINCREMENT, -- order of deciding
    at         INTEGER NOT NULL,   -- when
    by         TEXT NOT NULL,      -- which face
    what       TEXT NOT NULL,      -- correct, draft
    message    INTEGER NOT NULL,   -- about which message
    argument   TEXT NOT NULL,      -- correct: the kind; draft: the addressee or empty
    intent     TEXT,               -- draft: what for, when the user says so
    applied_at INTEGER,            -- when the daemon did it
    done       INTEGER,            -- 0: refused, for the reason in `result`
    result     TEXT                -- what came of it, for the user
) STRICT;

CREATE TABLE brake (
    what   TEXT PRIMARY KEY,       -- uidvalidity, clock, many, restored, paused
    at     INTEGER NOT NULL,       -- since when drafts are held
    until  INTEGER,                -- paused: until when; NULL: until `resume`
    why    TEXT NOT NULL           -- the sentence for the user
) STRICT;
