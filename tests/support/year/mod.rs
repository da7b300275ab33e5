//! A year's search, made up: every mail of it, and which application each belongs to. The
//! same seed gives the same year.

mod texts;
mod words;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use texts::{About, Text};
use words::{FORMS, HEADS, PEOPLE, ROLES, SUFFIXES, SYSTEMS, TAILS};

const DAY: i64 = 24 * 60;
/// The year has ended so long ago that nothing of it cools or is answered.
const ENDED_DAYS_AGO: i64 = 12;
/// From the first application to the last mail.
const DAYS: i64 = 440;

/// How large the year is.
pub struct Size {
    pub single: usize,
    pub two_roles: usize,
    pub again: usize,
    pub through_agencies: usize,
    pub noise: usize,
}

/// What the issue asks for: 330 applications.
pub const WHOLE: Size =
    Size { single: 270, two_roles: 12, again: 10, through_agencies: 16, noise: 150 };

/// The same in small, for what is tried several times.
pub const SMALL: Size = Size { single: 40, two_roles: 4, again: 4, through_agencies: 4, noise: 20 };

/// One mail, and the application that it really belongs to.
pub struct Letter {
    /// The user answers a mail of the same application.
    pub answer: bool,
    /// Minutes after the year began.
    pub at: i64,
    pub bytes: Vec<u8>,
}

/// An application as it really went.
#[derive(Debug, Default)]
pub struct Truth {
    /// The stage's word at the end.
    pub stage: &'static str,
    /// Minutes: the first mail of it, and the employer's first word after the confirmation.
    pub opened: i64,
    pub answered: Option<i64>,
    pub letters: usize,
}

pub struct Year {
    pub truths: Vec<Truth>,
    /// In the order of their sending.
    pub letters: Vec<Letter>,
    began: Timestamp,
    dice: Dice,
}

/// Steele, Lea and Flood's SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end as u64).unwrap()
    }

    fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    fn days(&mut self, from: i64, to: i64) -> i64 {
        from * DAY + i64::try_from(self.below(usize::try_from((to - from) * DAY).unwrap())).unwrap()
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

/// What stays the same through one application.
struct Course {
    no: usize,
    company: String,
    legal: Option<String>,
    domain: String,
    role: String,
    number: String,
    link: String,
    system: Option<&'static str>,
    /// The agency through which it goes, and its domain.
    agency: Option<(&'static str, &'static str)>,
    german: bool,
    person: &'static str,
    /// Message-IDs so far.
    thread: Vec<String>,
    /// The subject that an answer repeats, and whom it goes to.
    last_subject: String,
    writes_to: String,
}

impl Year {
    /// The whole year from this seed.
    pub fn of(size: &Size, seed: u64, now: Timestamp) -> Year {
        let began = now - SignedDuration::from_hours(24 * (DAYS + ENDED_DAYS_AGO));
        let dice = Dice(seed);
        let mut year = Year { truths: Vec::new(), letters: Vec::new(), began, dice };
        let mut names = names(&mut year.dice);
        let mut next = || names.pop().expect("enough names");
        for _ in 0..size.single {
            year.single(next());
        }
        for _ in 0..size.two_roles {
            year.two_roles(next());
        }
        for number in 0..size.again {
            year.again(next(), number % 2 == 0);
        }
        for number in 0..size.through_agencies {
            year.through_agency(next(), number);
        }
        for number in 0..size.noise {
            let (company, role) = (next_noise(&mut year.dice), year.dice.of(&ROLES));
            let (from, text) = texts::noise(&company, role, number);
            let at = year.dice.days(0, DAYS);
            let bytes = year.mail(None, (&from, ""), &text, at, None, &[]);
            year.letters.push(Letter { answer: false, at, bytes });
        }
        year.letters.sort_by_key(|it| it.at);
        year
    }

    /// The letters in another order. The user's answers come last, as from a folder of their
    /// own: what answers nothing known is not kept.
    pub fn shuffled(&self, seed: u64) -> Vec<&Letter> {
        let mut order: Vec<&Letter> = self.letters.iter().collect();
        Dice(seed).shuffle(&mut order);
        order.sort_by_key(|it| it.answer);
        order
    }

    fn single(&mut self, company: String) {
        let role = self.dice.of(&ROLES).to_owned();
        let at = self.dice.days(0, 330);
        let mut course = self.course(company, role);
        self.run(&mut course, at, false);
    }

    /// Two roles at one company, within a few weeks.
    fn two_roles(&mut self, company: String) {
        let first = self.dice.below(ROLES.len());
        let second = (first + 1 + self.dice.below(ROLES.len() - 1)) % ROLES.len();
        let at = self.dice.days(0, 300);
        let mut course = self.course(company.clone(), ROLES[first].to_owned());
        let system = course.system;
        self.run(&mut course, at, false);
        let later = at + self.dice.days(0, 20);
        let mut course = Course { system, ..self.course(company, ROLES[second].to_owned()) };
        self.run(&mut course, later, false);
    }

    /// The same role at the same company, applied for once more.
    fn again(&mut self, company: String, after_a_year: bool) {
        let role = self.dice.of(&ROLES).to_owned();
        let at = self.dice.days(0, 30);
        let mut course = self.course(company.clone(), role.clone());
        self.run(&mut course, at, true);
        let gap = if after_a_year { self.dice.days(368, 380) } else { self.dice.days(150, 210) };
        let mut course = self.course(company, role);
        self.run(&mut course, at + gap, false);
    }

    /// An agency that looks for somebody for a client.
    fn through_agency(&mut self, company: String, number: usize) {
        const AGENCIES: [(&str, &str); 3] = [
            ("Brightway Recruitment", "brightway-recruitment.example"),
            ("Talentbridge", "talentbridge.example"),
            ("Hale Personalberatung", "hale-personal.example"),
        ];
        let role = self.dice.of(&ROLES).to_owned();
        let at = self.dice.days(0, 330);
        let agency = AGENCIES[number % AGENCIES.len()];
        let course = self.course(company, role);
        let mut course = Course {
            agency: Some(agency),
            system: None,
            link: String::new(),
            legal: None,
            german: false,
            ..course
        };
        self.run(&mut course, at, false);
    }

    fn course(&mut self, company: String, role: String) -> Course {
        let dice = &mut self.dice;
        let domain = format!("{}.example", company.to_lowercase().replace(' ', ""));
        let (address, page) = SYSTEMS[dice.below(SYSTEMS.len())];
        let system = dice.percent(55).then_some(address);
        let id = format!("{:08x}-{:04x}", dice.below(1 << 32), dice.below(1 << 16));
        let linked = system.is_some() && dice.percent(50);
        let link =
            if linked { format!("\nView your application: {page}{id}\n") } else { String::new() };
        let number = match dice.below(100) {
            0..10 => format!(" (Job ID: R-{})", 10_000 + dice.below(80_000)),
            10..16 => format!(" (REQ-{})", 1_000 + dice.below(9_000)),
            _ => String::new(),
        };
        let form = dice.of(&FORMS);
        let legal = match dice.below(100) {
            0..18 => Some(format!("{company} {form}")),
            18..24 => Some(format!("{} {form}", company.split(' ').next().unwrap())),
            24..29 => Some(format!("{}{} Holding {form}", dice.of(&HEADS), dice.of(&TAILS))),
            _ => None,
        };
        let home = domain.clone();
        let no = self.truths.len();
        self.truths.push(Truth { stage: "applied", ..Truth::default() });
        Course {
            no,
            legal,
            domain,
            role,
            number,
            link,
            system,
            agency: None,
            german: company.len().is_multiple_of(6),
            company,
            person: self.dice.of(&PEOPLE),
            thread: Vec::new(),
            last_subject: String::new(),
            writes_to: format!("jobs@{home}"),
        }
    }

    /// One application from its beginning to where it stands at the end of the year.
    fn run(&mut self, it: &mut Course, began: i64, ends_early: bool) {
        let mut at = began;
        let by_mail = it.system.is_none() && it.agency.is_none() && self.dice.percent(40);
        if by_mail {
            let text = texts::own_application(&about(it, false), it.german);
            self.own(it, text, at, false);
            at += self.dice.days(0, 2);
        }
        if self.dice.percent(82) {
            let variant = self.dice.below(4);
            let text = texts::confirmation(&about(it, false), it.german, variant);
            self.theirs(it, text, at, true, 25);
            self.stands(it, "acknowledged");
        }
        let last = if ends_early { began + 100 * DAY } else { DAYS * DAY };
        // A tenth is heard of only after months, a quarter never.
        let fate = if ends_early { 40 } else { self.dice.below(100) };
        let wait = match fate {
            0..24 => return,
            24..34 => self.dice.days(55, 100),
            _ => self.dice.days(2, 30),
        };
        at += wait;
        if at > DAYS * DAY {
            return;
        }
        if self.dice.percent(8) {
            self.news(it, texts::delay(&about(it, false)), at);
            at += self.dice.days(3, 15);
        }
        if self.dice.percent(32) {
            at = self.talks(it, at);
        }
        if at > last - 10 * DAY || self.dice.percent(10) && !ends_early {
            return;
        }
        self.end(it, at);
    }

    fn talks(&mut self, it: &mut Course, mut at: i64) -> i64 {
        if self.dice.percent(15) {
            self.news(it, texts::question(&about(it, false)), at);
            self.own_answer(it, at + 300);
            at += self.dice.days(2, 6);
        }
        let rounds = 1 + self.dice.below(3);
        for round in 0..rounds {
            if at > DAYS * DAY {
                break;
            }
            let assessed = round > 0 && self.dice.percent(30);
            let legal = self.dice.percent(20);
            let text = texts::invitation(
                &about(it, legal),
                it.german,
                if assessed { 2 } else { round.min(1) },
            );
            self.news(it, text, at);
            self.stands(it, "in-talks");
            if self.dice.percent(60) {
                self.own_answer(it, at + 200);
            }
            at += self.dice.days(4, 14);
        }
        at
    }

    fn end(&mut self, it: &mut Course, at: i64) {
        if self.truths[it.no].stage == "in-talks" && self.dice.percent(15) {
            self.news(it, texts::offer(&about(it, false)), at);
            return self.stands(it, "offered");
        }
        let (role_named, legal) = (self.dice.percent(65), self.dice.percent(60));
        let variant = self.dice.below(4);
        let text = texts::rejection(&about(it, legal), it.german, role_named, variant);
        self.news(it, text.clone(), at);
        self.stands(it, "rejected");
        if self.dice.percent(4) {
            // The system's form letter after the person's.
            let later = at + self.dice.days(0, 3) + 90;
            self.theirs(it, text, later, true, 30);
        }
    }

    fn stands(&mut self, it: &Course, stage: &'static str) {
        self.truths[it.no].stage = stage;
    }

    /// More than a confirmation.
    fn news(&mut self, it: &mut Course, text: Text, at: i64) {
        self.truths[it.no].answered.get_or_insert(at);
        let formal = it.system.is_some() && self.dice.percent(60);
        self.theirs(it, text, at, formal, if formal { 25 } else { 60 });
    }

    fn theirs(&mut self, it: &mut Course, text: Text, at: i64, formal: bool, threaded: usize) {
        let from = match (formal, it.system, it.agency) {
            (_, _, Some((name, domain))) if formal => format!("{name} <jobs@{domain}>"),
            (_, _, Some((name, domain))) => {
                format!("\"{} | {name}\" <{}@{domain}>", it.person, mailbox(it.person))
            }
            (true, Some(address), _) => format!("{} <{address}>", it.company),
            (true, None, _) => format!("{} Careers <careers@{}>", it.company, it.domain),
            (false, ..) => format!("{} <{}@{}>", it.person, mailbox(it.person), it.domain),
        };
        let text = match it.agency {
            Some((name, _)) => for_client(text, it, name),
            None => text,
        };
        self.put(it, &from, text, at, threaded);
    }

    fn own(&mut self, it: &mut Course, text: Text, at: i64, threaded: bool) {
        self.put(it, "Alex Morgan <alex@example.org>", text, at, if threaded { 100 } else { 0 });
    }

    fn own_answer(&mut self, it: &mut Course, at: i64) {
        // Without a Message-ID there is nothing to answer to but the subject.
        self.own(it, (format!("Re: {}", it.last_subject), texts::own_answer()), at, true);
    }

    fn put(&mut self, it: &mut Course, from: &str, text: Text, at: i64, threaded: usize) {
        let named = !self.dice.percent(6);
        let id = format!("{:x}.{}@{}", self.dice.below(1 << 40), it.no, it.domain);
        let threaded = self.dice.percent(threaded);
        let mut parents = if threaded { it.thread.clone() } else { Vec::new() };
        if threaded && self.dice.percent(10) {
            // A thread that names only what nobody has: a list's own, or a system's.
            parents = vec![format!("{:x}@relay.example", self.dice.below(1 << 40))];
        }
        let bytes = self.mail(
            Some(it.no),
            (from, &it.writes_to),
            &text,
            at,
            named.then_some(&*id),
            &parents,
        );
        if named {
            it.thread.push(id);
        }
        it.last_subject = text.0;
        if !from.contains("alex@example.org") {
            from.clone_into(&mut it.writes_to);
        }
        let truth = &mut self.truths[it.no];
        if truth.letters == 0 {
            truth.opened = at;
        }
        truth.letters += 1;
        let answer = from.contains("alex@example.org") && !parents.is_empty();
        self.letters.push(Letter { answer, at, bytes });
    }

    /// The bytes; one field tells the test, and nobody else, where it belongs.
    fn mail(
        &mut self,
        no: Option<usize>,
        (from, to): (&str, &str),
        (subject, text): &Text,
        at: i64,
        id: Option<&str>,
        parents: &[String],
    ) -> Vec<u8> {
        let moment = self.began + SignedDuration::from_mins(at);
        let date = jiff::fmt::rfc2822::to_string(&moment.to_zoned(TimeZone::UTC)).unwrap();
        let to = match no.filter(|_| from.contains("alex@example.org")) {
            Some(_) => to,
            None => "Alex Morgan <alex@example.org>",
        };
        let mut mail = format!("Received: from mx.example by mail.example.org; {date}\r\n");
        if !self.dice.percent(4) {
            mail.push_str(&format!("Date: {date}\r\n"));
        }
        mail.push_str(&format!("From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\n"));
        if let Some(id) = id {
            mail.push_str(&format!("Message-ID: <{id}>\r\n"));
        }
        if let Some(parent) = parents.last() {
            let all: Vec<String> = parents.iter().map(|it| format!("<{it}>")).collect();
            mail.push_str(&format!("In-Reply-To: <{parent}>\r\n"));
            mail.push_str(&format!("References: {}\r\n", all.join("\r\n ")));
        }
        match no {
            Some(no) => mail.push_str(&format!("X-Truth: {no};\r\n")),
            // Large mailbox providers refuse bulk mail without it (RFC 8058).
            None if text.contains("Unsubscribe") => {
                mail.push_str("List-Unsubscribe: <https://bulk.example/unsubscribe>\r\n");
            }
            None => {}
        }
        let text = text.replace('\n', "\r\n");
        if self.dice.percent(20) {
            let html = text.replace("\r\n\r\n", "<p>").replace("\r\n", "<br>\r\n");
            mail.push_str("Content-Type: text/html; charset=utf-8\r\n\r\n");
            mail.push_str(&format!("<html><body><div>{html}</div></body></html>\r\n"));
        } else {
            mail.push_str("Content-Type: text/plain; charset=utf-8\r\n\r\n");
            mail.push_str(&format!("{text}\r\n"));
        }
        mail.into_bytes()
    }
}

fn mailbox(person: &str) -> String {
    person.to_lowercase().replace(' ', ".")
}

/// What the texts need; `legal` with the other name in place of the brand.
fn about(it: &Course, legal: bool) -> About<'_> {
    let company = it.legal.as_deref().filter(|_| legal).unwrap_or(&it.company);
    About { company, role: &it.role, number: &it.number, link: &it.link, signer: it.person }
}

/// An agency writes for the employer, and under its own name.
fn for_client((subject, text): Text, it: &Course, agency: &str) -> Text {
    let text =
        text.replacen(&format!("at {}", it.company), &format!("with our client {}", it.company), 1);
    let (body, _) = text.rsplit_once('\n').unwrap();
    (subject, format!("{body}\n{agency}"))
}

/// Names of employers, each once, in an order of the dice.
fn names(dice: &mut Dice) -> Vec<String> {
    let mut names: Vec<String> =
        HEADS.iter().flat_map(|head| TAILS.map(|tail| format!("{head}{tail}"))).collect();
    dice.shuffle(&mut names);
    names.iter().map(|name| format!("{name}{}", dice.of(&SUFFIXES))).collect()
}

fn next_noise(dice: &mut Dice) -> String {
    format!("{}{}", dice.of(&HEADS), dice.of(&TAILS))
}
