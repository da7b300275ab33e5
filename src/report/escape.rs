//! Foreign text inside HTML and SVG: always text, never markup.

/// Text as it may stand between tags and inside quoted attributes of HTML and of XML.
/// Characters that XML forbids, and such as turn or hide what stands around them, are left
/// out; a control character becomes a blank.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' => {}
            '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' => {}
            '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' | '\u{E0000}'..='\u{E0FFF}' => {}
            _ if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => escaped.push(' '),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_is_markup(text in any::<String>()) {
            let safe = escaped(&text);
            prop_assert!(!safe.contains(['<', '>', '"', '\'']), "{safe:?}");
            prop_assert!(!safe.contains(char::is_control), "{safe:?}");
            for (at, _) in safe.match_indices('&') {
                let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];
                prop_assert!(known.iter().any(|it| safe.get(at..).is_some_and(|rest| rest.starts_with(it))), "{safe:?}");
            }
        }
    }

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in ["Müller, Söhne", "日本語", "שלום", "A+B 50 %"] {
            assert_eq!(escaped(name), name);
        }
        assert_eq!(escaped("Müller & Söhne"), "Müller &amp; Söhne");
    }
}
