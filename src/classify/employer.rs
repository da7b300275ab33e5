//! The employer: every shape of a sentence, a subject or a signature that may name one
//! gives its candidate a strength; the strongest wins. A weak shape needs a second one,
//! and what reads like a job title is no employer.

use super::domain_name::DomainName;
use super::name_words::ORGANISATION_WORDS;
use super::names::{self, Named};
use super::no_names::{FIRM_WORDS, GREETINGS};
use super::shapes::{List, Shaped};

/// The shapes of employers, each with its strength.
pub const SHAPES: &[(List, &[(u32, &str)])] = &[
    (List::Clients, CLIENTS),
    (List::Employers, SENTENCES),
    (List::Subjects, SUBJECTS),
    (List::Lines, LINES),
    (List::Display, DISPLAY),
];

/// The strength of "the baker position at Nordkorn".
const BESIDE_POSITION: u32 = 3;
/// The sender writes from a domain of that name.
const OF_THE_DOMAIN: u32 = 4;
/// "Talento Norte" of talentonorte.example: no department is cut off that stands in the domain.
const ALL_OF_THE_DOMAIN: u32 = 3;
/// "Nordkorn Jobs" of nordkorn-jobs.example: what the site is for, and no part of the name.
#[rustfmt::skip]
const SITES: &[&str] = &[
    "jobs", "job", "career", "careers", "karriere", "carriere", "carrières", "carrière", "carreiras",
    "vagas", "vacatures", "empleo", "empleos", "emploi", "lavoro", "jobb", "bewerbung", "recruiting",
];
/// A mail that names more is a list of firms; each is compared with each.
const CANDIDATES_MAX: usize = 200;
/// A candidate is believed from here on.
const BELIEVED: u32 = 2;

/// What an employer's department calls itself behind the employer's name.
pub const DEPARTMENT: &str = r"(?:careers?|recruiting|recruitment|recruiters?|talent(?: acquisition| management)?|hiring|hr|human resources|people(?: (?:ops|operations|& culture|and culture))?|jobs|staffing|campus|university (?:recruiting|relations)|early (?:careers|talent)|karriere|personal(?:abteilung|dienst|service|dezernat|referat|büro)?|bewerbermanagement|recursos humanos|ressources humaines|risorse umane|recrutement|reclutamiento|recrutamento|recruiting|selección|selezione|seleção|sollicitaties|rekrytering|drh|rh|p&o|ufficio (?:personale|selezione)|talento(?: humano)?|service (?:du personnel|recrutement|rh)|cellule recrutement|departamento de selección)";

/// How an agency names whom it speaks for.
const CLIENTS: &[(u32, &str)] = &[
    (
        0,
        r"\b(?i:my|our) (?:end )?client(?: company)?(?:,| -| –|:)? (?:at |the )?COMPANY(?:[,.;:)!]|$| (?:has|have|had|is|are|was|were|who|decided|chose|went|felt|feel|and|that|for|on|this|team|will|would|did|do|does|opted|cannot|can|could)\b)",
    ),
    (
        0,
        r"\b(?i:mein|unser)(?:e[mnrs]?)? (?:Kund(?:e|en|in)|Mandant(?:en|in)?|Auftraggebers?|Auftraggeberin)(?:, (?:die|der|dem|den|das)(?: Firma)?| der Firma|,)? COMPANY(?:[,.;:)!]|$| (?:hat|haben|hatte|ist|wird|möchte|sucht|teilte?|entschied)\b)",
    ),
    (
        0,
        r"\b(?i:mon|notre|mi|nuestr[oa]|mio|nostr[oa]|meu|noss[oa]|mijn|onze|min|vår) (?:client|(?:empresa |azienda )?cliente|klant|opdrachtgever|kund|uppdragsgivare),? (?:l'|(?:la|le|les|el|il|lo|o|a|het|de) )?(?:(?:société|entreprise|empresa|azienda|ditta|firma|bedrijf|företaget) )?COMPANY",
    ),
];

/// Shapes inside sentences, surest first.
const SENTENCES: &[(u32, &str)] = &[
    (
        3,
        r"(?i:(?:position|role|opening|opportunity|job|vacancy|post|internship|program(?:me)?|team|gig),? (?i:here )?(?i:at|with|within) )(?i:the )?COMPANY",
    ),
    (3, r"(?i:application (?:was |has been )?sent to )COMPANY"),
    (3, r"(?i:your )COMPANY(?i: (?:job )?application)"),
    (2, r"(?i:appl(?:ication|ying|ied) (?:to|at|with) )(?i:the )?COMPANY"),
    (
        2,
        r"(?i:interest(?:ed)? in (?:joining |working (?:at|for|with) |employment (?:opportunities )?(?:at|with) |becoming (?:a )?part of |being (?:a )?part of |forming part of |(?:a )?(?:career|careers|opportunities|positions|jobs) (?:at|with|within) )?)(?i:the )?COMPANY(?i: and| as| team| for| or|[.,!]|$)",
    ),
    (
        2,
        r"(?i:(?:employment|career|careers|careers? opportunit\w+|job opportunit\w+|opportunit\w+|positions|jobs|interview\w*|process|offer|future|culture|candidacy|selection process) (?:here )?(?:at|with|within|from) )(?i:the )?COMPANY",
    ),
    (
        2,
        r"(?i:(?:all of us|everyone|the team|our team|people|here|us|recruiting|colleagues|conversations?) at )(?i:the )?COMPANY",
    ),
    (
        2,
        r"(?:^|(?i:unfortunately,? )|(?i:that )|, )(?i:the )?COMPANY(?:, (?:LLC|Inc\.?|Ltd\.?))?(?i: has (?:decided|moved|chosen|completed|reviewed|selected|opted|filled|elected))",
    ),
    (
        2,
        r"(?i:(?:join|joining|considering|consider|choosing|on behalf of|welcome to|explore|exploring) )(?i:the )?COMPANY(?i: team| family| as| for| and|[.,!]|$)",
    ),
    (2, r"(?i:\b(?:bei|chez|presso|bij|hos)(?: der| dem| den)? )(?i:l'|la |il |de |het )?COMPANY"),
    (
        2,
        r"(?i:\b(?:equipo|équipe|squadra|team|time|equipe|teamet)(?: de recrutement| de selección)? (?:de|da|do|van|von|di|på|bei|hos|chez|en) )(?i:l'|la |il |het )?COMPANY",
    ),
    (
        2,
        r"(?i:(?:candidatura|postulación|solicitud|proceso|puesto|trabajar|vaga|vacante|posição|processo seletivo|oportunidade|unirte|formar parte)(?: \S+){0,6}? (?:en|de|na|no|da|do|a|con) )COMPANY(?i:[.,!]|$| ha| y | e )",
    ),
    (1, r"(?i:\b(?:at|with|within|from) )(?i:the )?COMPANY(?i:[.,!]|$| we | and )"),
];

/// Shapes of a subject.
const SUBJECTS: &[(u32, &str)] = &[
    (
        2,
        r"(?i:\b(?:from|with|at|to|bei|chez|bij|hos|presso) )(?i:the )?COMPANY(?:$| \(| [-–—|]|,|!)",
    ),
    (3, r"^COMPANY(?i: (?:job )?application\b)"),
    (1, r"^COMPANY(?: ?[-–—|:·] ?|, Inc\.? ?[-–—|:] ?|$)"),
    (1, r"(?: [-–—|·]|:) COMPANY$"),
    (1, r"(?i:\b(?:en|na|no|sollicitatie) )COMPANY$"),
];

/// Lines of a signature.
const LINES: &[(u32, &str)] = &[
    (
        2,
        r"^(?i:the |your |das |ihr |dein |il |het )?COMPANY,? (?i:DEPARTMENT)(?i:(?: &| and)? ?(?:team|department|manager|committee)?)[.,]?$",
    ),
    (2, r"^(?i:the |your |das |ihr |dein |het )?COMPANY[ -](?i:team|crew)[.,]?$"),
    (
        2,
        r"^(?i:team|equipe|équipe|l'équipe|el equipo de|equipo(?: de)?|il team(?: di)?|het team van|teamet på) (?i:de |l')?COMPANY[.,]?$",
    ),
    (2, r"^(?i:\S+ )?(?i:DEPARTMENT)(?i: team| department)?,? (?i:at |@ ?|of |[-–|] ?)?COMPANY$"),
    (1, r"^COMPANY[.,]?$"),
];

/// How a display name carries an employer.
const DISPLAY: &[(u32, &str)] = &[
    (2, r"^COMPANY(?i:,? (?:DEPARTMENT|team)(?: team)?)$"),
    (2, r"(?i:^| )(?i:from|at|@|von|bei|chez|bij) ?COMPANY$"),
    (2, r"^COMPANY (?i:via) "),
    (2, r"^(?i:DEPARTMENT) (?i:de la |de |der |des |du |da |do |di |van )?COMPANY$"),
    (2, r"^COMPANY[ –-]+(?i:DEPARTMENT)$"),
    (1, r"^COMPANY$"),
];

/// What was found so far, of a sender at this domain.
#[derive(Default)]
pub struct Employers {
    candidates: Vec<(Named, u32)>,
    home: DomainName,
}

impl Employers {
    /// Nothing found yet.
    pub fn of(home: DomainName) -> Employers {
        Employers { candidates: Vec::new(), home }
    }

    /// A person's name, as far as the domain does not say otherwise.
    fn is_person(&self, name: &str) -> bool {
        names::is_person(name) && !self.home.is(name)
    }

    /// A sentence of the body or the subject.
    pub fn sentence(&mut self, sentence: &Shaped<'_>) {
        if names::has_cue(sentence.text) {
            let beside = sentence.shapes(List::Beside);
            let beside = beside.filter_map(|(regex, _)| regex.captures(sentence.text));
            for named in beside.filter_map(|found| names::company(&found)) {
                self.add(named, BESIDE_POSITION);
            }
            self.look(List::Employers, sentence);
        }
    }

    /// The subject as a whole.
    pub fn subject(&mut self, subject: &str) {
        self.look(List::Subjects, &Shaped::new(subject));
    }

    /// A short line of the signature: "Anna Berg, Nordkorn" is two.
    pub fn line(&mut self, line: &str) {
        if !self.is_person(line) {
            self.look(List::Lines, &Shaped::new(line));
        }
        self.pieces(line, List::Lines);
    }

    /// What stands behind a comma or a dash in a line or a name, and is the domain's.
    fn pieces(&mut self, text: &str, list: List) {
        let pieces = text.split([',', '|', '·', '(', ')', '/', '•']).flat_map(|it| it.split(" - "));
        let pieces = pieces.flat_map(|it| it.split(" – ")).map(str::trim);
        for piece in pieces.filter(|piece| *piece != text.trim()) {
            if self.home.bears(piece) && !self.is_person(piece) {
                self.look(list, &Shaped::new(piece));
            }
        }
    }

    /// The name in From; `firm` when the domain says that it is no person's.
    pub fn display_name(&mut self, name: &str, firm: bool) {
        if firm || !names::is_person(name) {
            self.look(List::Display, &Shaped::new(name));
        }
        self.pieces(name, List::Display);
    }

    fn look(&mut self, list: List, shaped: &Shaped<'_>) {
        if !names::is_readable(shaped.text) {
            return;
        }
        for (regex, strength) in shaped.shapes(list) {
            for found in regex.captures_iter(shaped.text) {
                let Some(named) = names::company(&found) else { continue };
                if !names::is_role(&named.0) && !self.add(named, strength) {
                    return;
                }
            }
        }
    }

    /// Whether there is room for more.
    fn add(&mut self, named: Named, strength: u32) -> bool {
        if self.candidates.len() < CANDIDATES_MAX {
            self.candidates.push((named, strength));
        }
        self.candidates.len() < CANDIDATES_MAX
    }

    /// The name that most speaks for; of two that are equal the one that came first. What
    /// is named again in `text` counts once more, and the domain counts much. No
    /// employer is one of `people`, names of those who write or sign in small letters.
    pub fn best(self, text: &str, people: &str, is_system: impl Fn(&str) -> bool) -> Option<Named> {
        let mut best: Option<(&Named, u32)> = None;
        for (named, _) in &self.candidates {
            let name = named.0.as_str();
            let greeted = GREETINGS.iter().any(|hi| text.contains(&format!("{hi}{name}")));
            let writes = people.split_whitespace().any(|word| word == name.to_lowercase());
            let borne = self.home.bears(name);
            let none = is_system(name) || greeted || writes;
            if none || (is_number(name) && !borne) {
                continue;
            }
            let said = self.candidates.iter().filter(|(other, _)| same(&other.0, &named.0));
            let again = u32::from(text.matches(name).nth(1).is_some());
            let mut words = name.split_whitespace().map(str::to_lowercase);
            let site = words.any(|word| SITES.contains(&word.as_str()));
            let all = if self.home.is_just(name) && !site { ALL_OF_THE_DOMAIN } else { 0 };
            let home = if borne { OF_THE_DOMAIN + all } else { 0 };
            let strength = said.map(|(_, strength)| strength).sum::<u32>() + again + home;
            if strength >= BELIEVED && best.is_none_or(|(_, before)| strength > before) {
                best = Some((named, strength));
            }
        }
        best.map(|(named, _)| named.clone())
    }
}

/// The client of an agency is the employer, whatever else speaks for the agency's own name: it
/// stands in its domain, in the sender and below the letter.
pub fn client(sentences: &[Shaped<'_>]) -> Option<Named> {
    let named = |sentence: &Shaped<'_>| {
        let mut shapes = sentence.shapes(List::Clients);
        shapes.find_map(|(regex, _)| names::company(&regex.captures(sentence.text)?))
    };
    sentences.iter().filter_map(named).find(|(name, _)| !names::is_role(name))
}

/// "R-7720", "Kennziffer 12".
fn is_number(name: &str) -> bool {
    name.bytes().filter(u8::is_ascii_digit).nth(1).is_some()
}

/// "Nordkorn" and "Nordkorn GmbH".
fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.to_lowercase(), right.to_lowercase());
    left == right
        || left.strip_prefix(&right).is_some_and(|rest| rest.starts_with([' ', ',']))
        || right.strip_prefix(&left).is_some_and(|rest| rest.starts_with([' ', ',']))
}

/// A word that firms bear in their names and people do not.
pub fn sounds_like_a_firm(name: &str) -> bool {
    name.split_whitespace().any(|word| {
        let word = word.trim_matches(['.', ',']).to_lowercase();
        ORGANISATION_WORDS.contains(&word.as_str()) || FIRM_WORDS.contains(&word.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn employer(subject: &str, body: &str) -> Option<String> {
        let mut employers = Employers::default();
        employers.subject(subject);
        employers.sentence(&Shaped::new(subject));
        for line in body.lines() {
            line.split_inclusive(". ")
                .for_each(|sentence| employers.sentence(&Shaped::new(sentence.trim())));
            employers.line(line);
        }
        employers.best(&format!("{subject}\n{body}"), "", |_| false).map(|(name, _)| name)
    }

    #[test]
    fn an_employer_is_named_in_many_ways() {
        for (subject, body, company) in [
            (
                "",
                "Thank you for applying to the Data Engineer position at Blue Heron Labs.",
                "Blue Heron Labs",
            ),
            ("Your Tidewater Application", "We cannot go on.", "Tidewater"),
            ("", "Unfortunately, Nordkorn has decided not to go on.", "Nordkorn"),
            ("", "We appreciate your interest in Nordkorn.", "Nordkorn"),
            ("", "We are sorry.\nNordkorn Recruiting Team", "Nordkorn"),
            ("Kupferwerk | Baker", "Sorry.\nKupferwerk", "Kupferwerk"),
            ("", "vielen Dank für Ihre Bewerbung bei der Kupferwerk GmbH.", "Kupferwerk GmbH"),
            ("", "Merci de votre intérêt pour le poste chez Fleurdelune.", "Fleurdelune"),
        ] {
            assert_eq!(employer(subject, body).as_deref(), Some(company), "{subject} {body}");
        }
    }

    #[test]
    fn an_agency_names_its_client() {
        let client = |text: &str| client(&[Shaped::new(text)]).map(|(name, _)| name);
        for (text, name) in [
            ("I've now heard back from my client, Lindgren Labs.", "Lindgren Labs"),
            ("Our client Bramblegate Ltd has chosen others.", "Bramblegate Ltd"),
            ("unser Kunde, die Kastner GmbH, hat abgesagt.", "Kastner GmbH"),
            ("leider hat unser Auftraggeber, Kastner, abgesagt.", "Kastner"),
            ("notre client, la Verrerie Sud, a choisi.", "Verrerie Sud"),
            ("Me lo han dicho desde nuestro cliente Almorín.", "Almorín"),
            ("la nostra azienda cliente, la Bellacqua, ha scelto.", "Bellacqua"),
            ("o nosso cliente, a Metalúrgica Pinho, optou.", "Metalúrgica Pinho"),
            ("onze opdrachtgever Waterland koos anders.", "Waterland"),
            ("vår kund Norrsken har valt.", "Norrsken"),
        ] {
            assert_eq!(client(text).as_deref(), Some(name), "{text}");
        }
        for text in [
            "Our client has chosen others.",
            "Our clients Lindgren and Harbor have chosen others.",
            "We liked your work in our Client Services team.",
            "Leider hat unser Kunde Ihr Profil nicht berücksichtigt.",
            "Wir haben unserem Kunden die Unterlagen gegeben.",
            "Our client, London based, has chosen others.",
        ] {
            assert_eq!(client(text), None, "{text}");
        }
    }

    #[test]
    fn a_department_is_part_of_no_name_unless_of_the_domain() {
        for (domain, line, company) in [
            ("talentonorte.example", "Talento Norte", "Talento Norte"),
            ("nordkorn.example", "Nordkorn Recruiting", "Nordkorn"),
            ("vagas-tramontino.example", "Vagas Tramontino", "Tramontino"),
            ("zuppi.example", "Time de Gente da Zuppi", "Zuppi"),
            ("solvanta.example", "HR Team Solvanta", "Solvanta"),
        ] {
            let mut employers = Employers::of(DomainName::new(domain));
            employers.line(line);
            employers.subject("Tramontino - Ihre Bewerbung");
            let best = employers.best(line, "", |_| false).map(|(name, _)| name);
            assert_eq!(best.as_deref(), Some(company), "{line}");
        }
    }

    #[test]
    fn half_a_name_is_none() {
        for body in [
            "We appreciate your interest in Nordkorn日本.",
            "We appreciate your interest in Nordkorn ジャパン.",
            "Sorry.\nNordkorn 株式会社",
        ] {
            assert_eq!(employer("", body), None, "{body}");
        }
        let sign = employer("", "We appreciate your interest in Đuro and the € 500.");
        assert_eq!(sign.as_deref(), Some("Đuro"), "a sign is no letter");
    }

    #[test]
    fn a_job_title_is_no_employer_and_one_weak_shape_is_not_enough() {
        for (subject, body) in [
            ("", "Thank you for applying to the Software Engineer role."),
            ("Nordkorn", "We regret that we cannot go on."),
            ("Update - Data Analyst Intern", "We regret."),
            ("", "Thank you for your interest in our team."),
        ] {
            assert_eq!(employer(subject, body), None, "{subject} {body}");
        }
    }
}
