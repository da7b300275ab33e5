//! A sender's domain as a witness: the employer that writes from `galeries-montreuil.example`
//! is hardly another one than "Galeries Montreuil".

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A shorter word of a domain stands in too many names.
const WORD_MIN_CHARS: usize = 4;

/// What stands behind a firm's name and in no domain.
#[rustfmt::skip]
const LEGAL_FORMS: &[&str] = &[
    "ab", "ag", "aps", "as", "bv", "bvba", "co", "corp", "ev", "gmbh", "gmbhcokg", "inc", "kg", "lda",
    "llc", "ltd", "ltda", "nv", "oy", "plc", "sa", "sarl", "sas", "se", "sl", "spa", "srl",
];

/// The labels of a sender's domain that may name an employer.
#[derive(Default)]
pub struct DomainName {
    labels: Vec<String>,
}

impl DomainName {
    /// Of `mail.galeries-montreuil.example`: `mail` and `galeries-montreuil`.
    pub fn new(domain: &str) -> DomainName {
        let mut labels: Vec<String> = domain.to_lowercase().split('.').map(str::to_owned).collect();
        labels.pop();
        labels.retain(|label| label.chars().count() >= WORD_MIN_CHARS);
        DomainName { labels }
    }

    /// The domain is made of this whole name.
    pub fn is(&self, name: &str) -> bool {
        [plain(name, false), plain(name, true)].iter().any(|words| {
            let whole = words.concat();
            self.labels.iter().any(|label| {
                let joined: String = label.chars().filter(|c| c.is_alphanumeric()).collect();
                let long = |text: &str| text.chars().count() > WORD_MIN_CHARS;
                joined == whole
                    || long(&whole) && joined.contains(&whole)
                    || long(&joined) && whole.contains(&joined)
            })
        })
    }

    /// The domain is made of this name, but for its legal form, and of nothing else.
    pub fn is_just(&self, name: &str) -> bool {
        [plain(name, false), plain(name, true)].iter().any(|words| {
            let whole = words.concat();
            self.labels.iter().any(|label| {
                let form = whole.strip_prefix(&label.replace('-', ""));
                form.is_some_and(|form| form.is_empty() || LEGAL_FORMS.contains(&form))
            })
        })
    }

    /// The domain is made of this name, or of one of its longer words.
    pub fn bears(&self, name: &str) -> bool {
        let words = [plain(name, false), plain(name, true)].concat();
        let parts = self.labels.iter().flat_map(|label| label.split('-'));
        let mut long = parts.filter(|part| part.chars().count() > WORD_MIN_CHARS);
        self.is(name) || long.any(|part| words.iter().any(|word| word == part))
    }
}

/// The words of a name as a domain writes them; `umlauts` as two letters or as one.
fn plain(name: &str, umlauts: bool) -> Vec<String> {
    let mut text = name.to_lowercase().replace('ß', "ss").replace('ø', "o").replace('æ', "ae");
    if umlauts {
        text = text.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue");
    }
    let text: String = text.nfd().filter(|c| !is_combining_mark(*c)).collect();
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_just_the_name_or_more() {
        let domain = DomainName::new("talento-norte.example");
        assert!(["Talento Norte", "Talento Norte S.L."].iter().all(|name| domain.is_just(name)));
        assert!(!["Norte", "Talento", "Talento Norte Madrid"].iter().any(|it| domain.is_just(it)));
    }

    #[test]
    fn a_domain_bears_the_name_that_it_is_made_of() {
        for (domain, name) in [
            ("galeries-montreuil.example", "Galeries Montreuil"),
            ("mail.spital-obertal.example", "Spital Obertal"),
            ("kueppers.example", "Küppers GmbH"),
            ("ch-brevannes.example", "Centre Hospitalier de Brévannes"),
            ("saint-aubrac.example", "Mairie de Saint-Aubrac"),
        ] {
            assert!(DomainName::new(domain).bears(name), "{domain} {name}");
        }
        for (domain, name) in [
            ("galeries-montreuil.example", "Madame"),
            ("personio.de", "Nordkorn"),
            ("ab.example", "Ab"),
            ("kita-west.example", "West"),
        ] {
            assert!(!DomainName::new(domain).bears(name), "{domain} {name}");
        }
    }
}
